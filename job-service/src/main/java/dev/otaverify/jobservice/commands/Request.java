// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ClientCommand;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.Command.ImportDevice;
import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.UndecidableException;
import java.time.DateTimeException;

/** A command, checked as far as its own record allows. */
sealed interface Request {

  /** The record. */
  Incoming<Command> incoming();

  /** Of a client, who gets an answer. */
  record FromClient(Incoming<Command> incoming, ClientCommand command, CommandContext context) implements Request {}

  /** Of the aggregator, which gets none. */
  record FromAggregator(Incoming<Command> incoming, ConcludeVerification command) implements Request {}

  /**
   * Checks a record.
   *
   * @throws UndecidableException if it contradicts itself, or does not say whom to answer
   */
  static Request of(Incoming<Command> incoming) {
    var command = incoming.data();
    // Under another key it would stand in another partition, besides the commands that it must be in order with.
    check("key", incoming.key(), command.key());
    return switch (command) {
      case ConcludeVerification conclude -> {
        check("jobId", conclude.jobId().firmwareId(), conclude.firmwareId());
        yield new FromAggregator(incoming, conclude);
      }
      case CreateVerifyJob create -> {
        check("jobId", create.jobId().firmwareId(), create.firmwareId());
        yield fromClient(incoming, create);
      }
      case RegisterDevice register -> {
        check("iotId", register.iotId().productKey(), register.productKey());
        yield fromClient(incoming, register);
      }
      case ImportDevice bring -> {
        check("iotId", bring.iotId().productKey(), bring.productKey());
        yield fromClient(incoming, bring);
      }
      case ClientCommand other -> fromClient(incoming, other);
    };
  }

  private static FromClient fromClient(Incoming<Command> incoming, ClientCommand command) {
    CommandContext context;
    try {
      context = CommandContext.of(incoming.message());
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new UndecidableException("context of the command: " + e.getMessage(), e);
    }
    if (context.replyPartition() < 0 || context.replyPartition() >= Topics.PARTITIONS) {
      throw new UndecidableException(
          "replypartition: " + context.replyPartition() + " (expected: 0 to " + (Topics.PARTITIONS - 1) + ")");
    }
    return new FromClient(incoming, command, context);
  }

  private static void check(String name, Object found, Object expected) {
    if (!found.equals(expected)) {
      throw new UndecidableException(name + ": of " + found + " (expected: of " + expected + ")");
    }
  }
}
