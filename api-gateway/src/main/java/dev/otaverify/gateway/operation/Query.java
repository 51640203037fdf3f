// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

/**
 * An operation that only reads what status-aggregator knows. It may begin before it is known whether the call is admitted: nothing comes of
 * it but an answer, which nobody gets then.
 */
public interface Query extends Operation {}
