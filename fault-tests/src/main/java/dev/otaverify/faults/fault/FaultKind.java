// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.fault;

/** What can be done to a stack. */
public enum FaultKind {
  /** {@code kill -9} of a service, and a new start. */
  KILL_SERVICE("kill -9, start"),
  /** {@code kill -9} of a Kafka broker, and a new start. */
  KILL_KAFKA("kill -9, start"),
  /** {@code kill -9} of PostgreSQL, and a new start. */
  KILL_POSTGRES("kill -9, start"),
  /** {@code kill -9} of the MQTT broker, and a new start. */
  KILL_MQTT_BROKER("kill -9, start"),
  /** SIGSTOP of any part, for a moment. */
  FREEZE("SIGSTOP, SIGCONT"),
  /** SIGSTOP of a service until another has taken over its partitions; then both believe to own them. */
  SECOND_OWNER("SIGSTOP until others have its partitions, SIGCONT"),
  /** A network that is cut. */
  CUT("connections cut"),
  /** A network that is slow. */
  SLOW("connections slowed down"),
  /** A disk of PostgreSQL that is full. */
  DISK_FULL("disk full"),
  /** The leader of a partition is cut off from the other brokers. */
  LEADER_LOST("leader of a partition cut off from the other brokers"),
  /** The clock of a service jumps. */
  CLOCK_STEP("clock set, and set back"),
  /** Devices repeat all they said, in any order. */
  DEVICE_STORM("devices repeat their messages in any order"),
  /** Records that nobody can make sense of. */
  POISON("unreadable records");

  private final String text;

  FaultKind(String text) {
    this.text = text;
  }

  /** For people. */
  public String text() {
    return text;
  }
}
