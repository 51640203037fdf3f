// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Source;
import java.time.Instant;
import java.util.Map;

/** Replies as messages. */
final class Replies {
  static final String INSTANCE = "replyinstance";

  private Replies() {}

  /**
   * The reply to the command that stood at this place. A repeated command gets one of its own: it may go to another
   * gateway, which finds in {@code replyinstance} what is not for it.
   */
  static Message<Reply> message(CommandId command, String instance, int partition, long offset, Instant at,
      Reply reply) {
    return new Message<>("reply:" + command + ":" + partition + ":" + offset, Source.JOB_SERVICE, command.value(), at,
        Map.of(INSTANCE, instance), reply);
  }
}
