// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

/**
 * A message to a device.
 *
 * @param payload JSON
 */
record DeviceMessage(String topic, String payload) {}
