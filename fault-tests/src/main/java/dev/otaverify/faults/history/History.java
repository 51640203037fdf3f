// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.history;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What clients were told and devices did, with the times of this machine, whose clock nobody moves. */
public final class History {
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final Queue<Said> said = new ConcurrentLinkedQueue<>();
  private final Queue<Heard> heard = new ConcurrentLinkedQueue<>();
  private final Queue<Poison> poison = new ConcurrentLinkedQueue<>();

  private volatile Instant settled = Instant.MAX;

  /** How a call ended. */
  public enum Outcome {
    /** It was carried out. */
    DONE,
    /** It certainly was not. */
    REFUSED,
    /** Nobody could say to the end. */
    UNRESOLVED
  }

  /**
   * A call of a client, with all repeats of the same signed request.
   *
   * @param begun before it was sent for the first time
   * @param ended after its answer had come
   * @param attempts how often it was sent
   * @param code of a refusal; else empty
   * @param body of the answer
   */
  public record Call(String action, Map<String, String> parameters, Instant begun, Instant ended, int attempts,
      Outcome outcome, String code, JsonNode body) {
    /** Copies the parameters. */
    public Call {
      parameters = Map.copyOf(parameters);
    }

    /** A parameter; empty if it has none of this name. */
    public String parameter(String name) {
      return parameters.getOrDefault(name, "");
    }
  }

  /** What a device can say. */
  public enum Kind {
    /** Which version it runs. */
    VERSION,
    /** A percentage, or -1 to -4. */
    PROGRESS
  }

  /**
   * A message of a device.
   *
   * @param acknowledged when the broker had said that it has it; null if it never did, so nobody knows
   */
  public record Said(String device, Kind kind, String value, Instant begun, @Nullable Instant acknowledged) {}

  /**
   * A push that a device got.
   *
   * @param id of the message, the same for the same attempt of the same task
   */
  public record Heard(String device, String version, int id, Instant at) {}

  /** A record that nobody can make sense of, sent to a topic. */
  public record Poison(String topic, String id) {}

  /** Writes one down. */
  public void add(Call call) {
    calls.add(call);
  }

  /** Writes one down. */
  public void add(Said message) {
    said.add(message);
  }

  /** Writes one down. */
  public void add(Heard push) {
    heard.add(push);
  }

  /** Writes one down. */
  public void add(Poison record) {
    poison.add(record);
  }

  /** From now on nothing moves any more. */
  public void settle() {
    settled = Instant.now();
  }

  /** Since when nothing moves. */
  public Instant settled() {
    return settled;
  }

  /** All so far. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** All so far. */
  public List<Said> said() {
    return List.copyOf(said);
  }

  /** All so far. */
  public List<Heard> heard() {
    return List.copyOf(heard);
  }

  /** All so far. */
  public List<Poison> poison() {
    return List.copyOf(poison);
  }
}
