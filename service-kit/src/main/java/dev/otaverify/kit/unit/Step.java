// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

/** When a unit's output is published: all of {@link #FIRST} is acknowledged before any of {@link #SECOND} is sent. */
public enum Step {
  FIRST, SECOND
}
