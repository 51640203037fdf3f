// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

/**
 * Which topic stands behind a name.
 *
 * @param id Kafka's id of it; another one is another topic, whose offsets mean something else
 * @param partitions keys are bound to partitions by this count
 */
record TopicIdentity(String id, int partitions) {}
