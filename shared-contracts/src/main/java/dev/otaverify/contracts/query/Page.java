// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import java.util.List;

/** One page of a list; {@code total} counts the whole list, {@code number} counts from 1. */
public record Page<T>(List<T> items, int number, int size, int total) {
  /** Copies the items. */
  public Page {
    items = List.copyOf(items);
  }
}
