// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.device;

import java.util.List;

/** What follows from an input: changes in their order, and what is said to the device once they are stored. */
public record Decision(List<Change> changes, List<Outbound> outbound) {
  /** Copies the lists. */
  public Decision {
    changes = List.copyOf(changes);
    outbound = List.copyOf(outbound);
  }
}
