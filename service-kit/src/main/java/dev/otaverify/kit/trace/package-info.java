// SPDX-License-Identifier: Apache-2.0
/**
 * Traces (OpenTelemetry) through what has no call stack: records, the pending output of a unit, messages to devices. The context is a
 * record's {@code traceparent} header, so it is stored and published with the record, whoever does that.
 */
@NullMarked
package dev.otaverify.kit.trace;

import org.jspecify.annotations.NullMarked;
