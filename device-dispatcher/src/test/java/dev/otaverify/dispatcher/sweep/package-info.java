// SPDX-License-Identifier: Apache-2.0
/** What is due, found in a real PostgreSQL and written to a real Kafka. */
@NullMarked
package dev.otaverify.dispatcher.sweep;

import org.jspecify.annotations.NullMarked;
