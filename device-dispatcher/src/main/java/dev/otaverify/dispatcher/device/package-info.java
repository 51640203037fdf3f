// SPDX-License-Identifier: Apache-2.0
/**
 * What may happen to a device and its tasks: pure decisions, without Spring, clock or I/O. An input and the state it
 * meets give changes, and what to say to the device.
 */
@NullMarked
package dev.otaverify.dispatcher.device;

import org.jspecify.annotations.NullMarked;
