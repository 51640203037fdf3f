// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rows of one table by their key, and which of them are no longer as they were loaded. */
final class Rows<K extends Comparable<K>, R> {
  private final Function<R, K> key;
  private final Map<K, R> loaded = new HashMap<>();
  private final TreeMap<K, R> current = new TreeMap<>();

  Rows(Collection<R> rows, Function<R, K> key) {
    this.key = key;
    rows.forEach(row -> loaded.put(key.apply(row), row));
    current.putAll(loaded);
  }

  /** @throws IllegalStateException if there is no such row: what it is about was never announced */
  R get(K id) {
    @Nullable
    R row = current.get(id);
    if (row == null) {
      throw new IllegalStateException(id.getClass().getSimpleName() + ": " + id + " (expected: a known one)");
    }
    return row;
  }

  @Nullable
  R find(K id) {
    return current.get(id);
  }

  void put(R row) {
    current.put(key.apply(row), row);
  }

  Collection<R> all() {
    return current.values();
  }

  /** Those with keys from one to another, both included. */
  Collection<R> between(K from, K to) {
    return current.subMap(from, true, to, true).values();
  }

  /** New ones and changed ones, in key order. */
  Collection<R> changed() {
    return current.entrySet().stream().filter(entry -> !entry.getValue().equals(loaded.get(entry.getKey())))
        .map(Map.Entry::getValue).toList();
  }
}
