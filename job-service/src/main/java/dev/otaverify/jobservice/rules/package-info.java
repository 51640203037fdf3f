// SPDX-License-Identifier: Apache-2.0
/**
 * The rules about products, devices and firmware: pure functions from a state and a command to events or a refusal, and
 * from a state and an event to the next state. Nothing here knows a database, a topic, a clock or chance.
 */
@NullMarked
package dev.otaverify.jobservice.rules;

import org.jspecify.annotations.NullMarked;
