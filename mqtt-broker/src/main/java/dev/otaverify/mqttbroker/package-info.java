// SPDX-License-Identifier: Apache-2.0
/**
 * The MQTT broker: HiveMQ CE with an extension that knows devices by their credentials, keeps them to their own topics
 * and writes what they say, and their coming and going, to {@code ota.device.inputs}. The extension needs only HiveMQ's
 * extension SDK, so the same code runs in a public HiveMQ image; {@link EmbeddedBroker} runs both in this JVM.
 */
@NullMarked
package dev.otaverify.mqttbroker;

import org.jspecify.annotations.NullMarked;
