// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the checker looked at, and what it found. */
public final class Report {
  private static final int SHOWN = 8;

  /** What is promised. */
  public enum Promise {
    /** What was acknowledged is there; nothing is missing in any log. */
    LOST("nothing is lost"),
    /** Nothing happened twice. */
    DOUBLE("nothing counts twice"),
    /** Every job ended with the one verdict that fits what its devices did. */
    WRONG_VERDICT("one fitting verdict each"),
    /** Every answer was true at some moment between its question and itself. */
    STALE_READ("no stale read"),
    /** A refusal left nothing, and what was unknown was told in the end. */
    ANSWER("answers are true"),
    /** The topics of dead letters hold what could not be read, and nothing else. */
    DEAD_LETTERS("dead letters are the poison"),
    /** After all is quiet a new start publishes nothing new. */
    PENDING("no output is pending"),
    /** The tables built again from the topics are those that are there. */
    REBUILT("rebuilt tables are equal");

    private final String text;

    Promise(String text) {
      this.text = text;
    }

    /** For people. */
    public String text() {
      return text;
    }
  }

  private final Map<Promise, List<String>> broken = new EnumMap<>(Promise.class);
  private final Map<Promise, Long> looked = new EnumMap<>(Promise.class);

  void looked(Promise promise, long at) {
    looked.merge(promise, at, Long::sum);
  }

  /** Notes a breach. */
  public void broken(Promise promise, String how) {
    broken.computeIfAbsent(promise, any -> new ArrayList<>()).add(how);
  }

  /** Notes that something was looked at. */
  public void check(Promise promise, boolean kept, String otherwise) {
    looked(promise, 1);
    if (!kept) {
      broken(promise, otherwise);
    }
  }

  /** All breaches of one promise. */
  public List<String> of(Promise promise) {
    return List.copyOf(broken.getOrDefault(promise, List.of()));
  }

  /** What was not kept and how often, for people. */
  public String brokenPromises() {
    return broken.entrySet().stream().map(entry -> "\"" + entry.getKey().text() + "\" " + entry.getValue().size())
        .collect(Collectors.joining(", "));
  }

  /** Whether all promises were kept. */
  public boolean isClean() {
    return broken.isEmpty();
  }

  /** A table, and the first breaches of each promise. */
  public String text() {
    var text = new StringBuilder("%-30s %12s %12s%n".formatted("promise", "looked at", "broken"));
    for (var promise : Promise.values()) {
      if (looked.containsKey(promise) || broken.containsKey(promise)) {
        text.append("%-30s %12d %12d%n".formatted(promise.text(), looked.getOrDefault(promise, 0L),
            of(promise).size()));
      }
    }
    broken.forEach((promise, how) -> {
      text.append("%n%s:%n".formatted(promise.text()));
      how.stream().limit(SHOWN).forEach(one -> text.append("  ").append(one).append(System.lineSeparator()));
      if (how.size() > SHOWN) {
        text.append("  … and %d more%n".formatted(how.size() - SHOWN));
      }
    });
    return text.toString();
  }
}
