// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

/** {@code JobStatus} of QueryOTAJob. */
public enum JobStatus {
  IN_PROGRESS, COMPLETED, CANCELED
}
