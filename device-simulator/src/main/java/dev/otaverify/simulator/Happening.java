// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import java.time.Instant;

/**
 * Something that happened to a device or that it did.
 *
 * @param detail the version, percentage, step or reason
 */
public record Happening(Instant at, Kind kind, String detail) {

  /** What it was. */
  public enum Kind {
    /** The broker let it in. */
    CONNECTED,
    /** The connection is gone; detail: why. */
    DISCONNECTED,
    /** A connection could not be made; detail: why. */
    REFUSED,
    /** It reported its version, and the broker has acknowledged that. */
    INFORMED,
    /** It was told to upgrade; detail: to which version. */
    PUSHED,
    /** It was told of the version that it runs already, and so reports that again; detail: the version. */
    REPEATED,
    /** It was told so while it was already at it, or not in a form that it understands. */
    IGNORED,
    /** A download broke, or the connection did meanwhile, and goes on; detail: the offset. */
    RESUMED,
    /** All is downloaded and is what was announced. */
    DOWNLOADED,
    /** It reported progress; detail: the step. */
    PROGRESSED,
    /** The upgrade failed; detail: the step that it reported. */
    FAILED,
    /** It went down to come back with another version; detail: which. */
    REBOOTED
  }
}
