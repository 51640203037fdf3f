// SPDX-License-Identifier: Apache-2.0
/**
 * The device-dispatcher: one task per device and job. It pushes over MQTT, hears what devices say, and keeps the
 * deadlines.
 */
@NullMarked
package dev.otaverify.dispatcher;

import org.jspecify.annotations.NullMarked;
