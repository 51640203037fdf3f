// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import java.time.Instant;

/**
 * One thing that happened to a task, or was heard of its device while the task was open.
 *
 * @param number counts the entries of the task from 1, in the order in which they were decided
 * @param at when; of what was heard of the device, by the broker's clock
 * @param detail what, for a technician; may be empty
 */
public record HistoryEntry(int number, Instant at, Kind kind, String detail) {

  /** What it was. */
  public enum Kind {
    /** The job was created. */
    CREATED,
    /** An operator let the task go on. */
    CONFIRMED,
    /** The firmware was announced to the device: pushed, or handed out when it asked. */
    NOTIFIED,
    /** The device asked for a firmware. */
    FIRMWARE_REQUESTED,
    /** The device reported progress. */
    PROGRESSED,
    /** The device reported progress before it was told of the firmware. */
    PROGRESS_IGNORED,
    /** The device said which version it runs, and that was not success. */
    VERSION_REPORTED,
    /** The device has connected. */
    DEVICE_CONNECTED,
    /** The device's connection has ended. */
    DEVICE_DISCONNECTED,
    /** The task ended: the device runs the target version. */
    SUCCEEDED,
    /** The task ended: it failed. */
    FAILED,
    /** The task ended: it was cancelled. */
    CANCELED
  }
}
