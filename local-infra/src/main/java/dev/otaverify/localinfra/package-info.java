// SPDX-License-Identifier: Apache-2.0
/** Real servers for one machine without Docker: a Kafka broker in this JVM, PostgreSQL beside it, both on 127.0.0.1. */
@NullMarked
package dev.otaverify.localinfra;

import org.jspecify.annotations.NullMarked;
