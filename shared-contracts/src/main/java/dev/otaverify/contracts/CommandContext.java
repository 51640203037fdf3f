// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;

/**
 * What travels with a client's command, as CloudEvents extension attributes.
 *
 * @param id the id of the message
 * @param fingerprint digest of the signed request; another one with the same id is a nonce used twice
 * @param replyInstance the gateway that waits, so that another on the same partition drops the reply
 * @param replyPartition the partition of {@link Topics#REPLIES} that it reads
 * @param expiresAt after this the command must be refused, since nobody waits for it any more
 */
public record CommandContext(CommandId id, String fingerprint, String replyInstance, int replyPartition,
    Instant expiresAt) {

  /** The extension attributes of the command's message. */
  public Map<String, String> toExtensions() {
    return Map.of("fingerprint", fingerprint, "replyinstance", replyInstance, "replypartition",
        Integer.toString(replyPartition), "expiresat", expiresAt.toString());
  }

  /**
   * Reads it from a message.
   *
   * @throws IllegalArgumentException if an attribute is missing or has not its form
   */
  public static CommandContext of(Message<?> message) {
    return new CommandContext(new CommandId(message.id()), message.extension("fingerprint"),
        message.extension("replyinstance"), Integer.parseInt(message.extension("replypartition")),
        instant("expiresat", message.extension("expiresat")));
  }

  private static Instant instant(String name, String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("ce_" + name + ": " + text + " (expected: an ISO-8601 time in UTC)", e);
    }
  }
}
