// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import dev.otaverify.contracts.Message;

/** A writer's numbers: each event about a subject has the next one, so a repeat and a gap are told apart. */
final class Numbers {
  private Numbers() {}

  /**
   * Whether an event is to be applied: not if it is a repeat.
   *
   * @param last the number of the last event applied of this writer about this subject; 0 for none
   * @throws IllegalStateException if it is from another writer, about another subject, or leaves a gap
   */
  static boolean isNext(Message<?> message, String source, String subject, long last) {
    if (!message.source().equals(source) || !message.subject().equals(subject)) {
      throw new IllegalStateException("event %s: from %s about %s (expected: from %s about %s)".formatted(message.id(),
          message.source(), message.subject(), source, subject));
    }
    if (message.sequence() > last + 1) {
      throw new IllegalStateException("number: %d from %s about %s (expected: %d)".formatted(message.sequence(), source,
          subject, last + 1));
    }
    return message.sequence() > last;
  }
}
