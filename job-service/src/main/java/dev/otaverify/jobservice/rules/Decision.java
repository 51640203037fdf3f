// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import dev.otaverify.contracts.ErrorCode;
import java.util.List;

/** What a command comes to: events, or a refusal that changes nothing. */
public sealed interface Decision<E> {

  /** Carried out: these events happened, in this order. */
  record Accepted<E>(List<E> events) implements Decision<E> {
    /** Copies the events. */
    public Accepted {
      events = List.copyOf(events);
    }
  }

  /** Refused. {@code message} names the parameter, its value and what was expected. */
  record Refused<E>(ErrorCode code, String message) implements Decision<E> {}

  /** Carried out with one event. */
  static <E> Decision<E> accept(E event) {
    return new Accepted<>(List.of(event));
  }

  /** Carried out, and nothing had to happen for it: it was so already. */
  static <E> Decision<E> nothing() {
    return new Accepted<>(List.of());
  }

  /** Refused because of one parameter of the request, by the name that clients know it by. */
  static <E> Decision<E> refuse(ErrorCode code, String parameter, Object value, String expected) {
    return new Refused<>(code, parameter + ": " + value + " (expected: " + expected + ")");
  }
}
