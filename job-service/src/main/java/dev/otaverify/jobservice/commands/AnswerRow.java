// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.sql.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a command was answered. The same request gets it again, and nothing else happens.
 *
 * @param answerType the wire type of the reply
 * @param answer its JSON
 */
record AnswerRow(CommandId commandId, String fingerprint, String answerType, String answer, Instant decidedAt) {

  static final Table<AnswerRow> TABLE = Table.of("command_answer", AnswerRow.class, "command_id");

  static AnswerRow of(CommandContext context, Reply reply, Instant at) {
    return new AnswerRow(context.id(), context.fingerprint(), Wire.typeOf(reply.getClass()),
        Wire.JSON.writeValueAsString(reply), at);
  }

  Reply reply() {
    @Nullable
    Class<?> type = Wire.types().get(answerType);
    if (type == null) {
      throw new IllegalStateException("command_answer.answer_type: " + answerType + " (expected: a reply)");
    }
    return (Reply) Wire.JSON.readValue(answer, type);
  }
}
