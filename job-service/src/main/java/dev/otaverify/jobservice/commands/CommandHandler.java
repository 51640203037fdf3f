// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.jobservice.credentials.SecretGenerator;
import dev.otaverify.kit.unit.DeadRecord;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Outgoing;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Step;
import dev.otaverify.kit.unit.Transaction;
import dev.otaverify.kit.unit.UnitHandler;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides on the commands of one partition. */
final class CommandHandler implements UnitHandler<Command> {
  private final Store store = new Store();
  private final SecretGenerator secrets;
  private final Clock clock;

  /** @param clock stamps replies to what could not be decided, where there is no transaction */
  CommandHandler(SecretGenerator secrets, Clock clock) {
    this.secrets = secrets;
    this.clock = clock;
  }

  @Override
  public Output handle(Transaction transaction, List<Incoming<Command>> batch) {
    var requests = batch.stream().map(Request::of).toList();
    var found = store.load(transaction.sql(), Needs.of(requests));
    var fold = new Fold(found, transaction.now(), transaction.again(), secrets);
    requests.forEach(fold::take);
    store.write(transaction.sql(), fold.changes());
    return fold.output();
  }

  @Override
  public List<Outgoing> onDeadLetter(DeadRecord dead) {
    var headers = dead.headers();
    @Nullable
    CommandId command = commandId(headers.get("ce_id"));
    @Nullable
    String instance = headers.get("ce_" + Replies.INSTANCE);
    @Nullable
    Integer partition = replyPartition(headers.get("ce_replypartition"));
    if (command == null || instance == null || partition == null) {
      return List.of();
    }
    // The reason may quote what was stored, so it stays with the dead letter; the sender is told where that lies.
    var reply = new Reply.Rejected(command, ErrorCode.SYSTEM_EXCEPTION.code(),
        "the command could not be decided on and was put aside: " + dead.topic() + " partition " + dead.partition()
            + " offset " + dead.offset() + " (expected: a command that job-service understands)");
    var encoded = Wire.encode(
        Replies.message(command, instance, dead.partition(), dead.offset(), clock.instant(), reply));
    var sent = new HashMap<>(encoded.headers());
    Stream.of("traceparent", "tracestate").filter(headers::containsKey)
        .forEach(name -> sent.put(name, headers.getOrDefault(name, "")));
    return List.of(new Outgoing(Step.SECOND, Topics.REPLIES, partition, null, sent,
        encoded.value().getBytes(StandardCharsets.UTF_8)));
  }

  private static @Nullable CommandId commandId(@Nullable String text) {
    try {
      return text == null ? null : new CommandId(text);
    } catch (IllegalArgumentException notOne) {
      return null;
    }
  }

  private static @Nullable Integer replyPartition(@Nullable String text) {
    try {
      @Nullable
      Integer partition = text == null ? null : Integer.valueOf(text);
      return partition == null || partition < 0 || partition >= Topics.PARTITIONS ? null : partition;
    } catch (NumberFormatException notOne) {
      return null;
    }
  }
}
