// SPDX-License-Identifier: Apache-2.0
/** What integration tests stand on: one Kafka and one PostgreSQL for each JVM, databases and topics of their own, bad networks. */
@NullMarked
package dev.otaverify.testinfra;

import org.jspecify.annotations.NullMarked;
