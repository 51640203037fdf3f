// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.List;

/**
 * What a unit leads to.
 *
 * @param records published after the commit, at least once
 * @param effects run after the records are published, at most once: lost in a crash, so each needs a second chance
 */
public record Output(List<Outgoing> records, List<Runnable> effects) {
  /** Nothing to publish, nothing to do. */
  public static final Output NONE = new Output(List.of(), List.of());

  /** Copies the lists. */
  public Output {
    records = List.copyOf(records);
    effects = List.copyOf(effects);
  }

  /** Only records. */
  public static Output of(List<Outgoing> records) {
    return new Output(records, List.of());
  }
}
