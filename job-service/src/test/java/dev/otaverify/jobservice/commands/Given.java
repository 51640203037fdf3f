// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareFile.SignMethod;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.kit.unit.Incoming;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Commands as a gateway sends them; each is named by its nonce. */
final class Given {
  static final Instant NOW = Instant.parse("2026-11-23T14:38:59.123456Z");
  static final AccountId ACCOUNT = new AccountId("mine");
  static final String INSTANCE = "gateway-1";
  static final int REPLY_PARTITION = 7;
  static final int PARTITION = 3;

  private static long offset;

  private Given() {}

  static CommandId id(String nonce) {
    return CommandId.of("test", nonce);
  }

  static ProductKey product(String nonce) {
    return ProductKey.of(id(nonce));
  }

  static FirmwareId firmware(String nonce) {
    return FirmwareId.of(id(nonce));
  }

  static JobId job(String firmware, String nonce) {
    return JobId.of(firmware(firmware), id(nonce));
  }

  static IotId iotId(String product, String nonce) {
    return IotId.of(product(product), id(nonce));
  }

  static CommandContext context(String nonce) {
    return new CommandContext(id(nonce), "fingerprint of " + nonce, INSTANCE, REPLY_PARTITION, NOW.plusSeconds(4));
  }

  static Incoming<Command> createProduct(String nonce, String name) {
    return incoming(context(nonce), new CreateProduct(ACCOUNT, product(nonce), name, 0, 1, null));
  }

  static Incoming<Command> registerDevice(String nonce, String product, String name) {
    return incoming(context(nonce),
        new RegisterDevice(ACCOUNT, product(product), new DeviceName(name), iotId(product, nonce), null));
  }

  static Incoming<Command> createFirmware(String nonce, String product, String name) {
    return incoming(context(nonce), new CreateFirmware(ACCOUNT, firmware(nonce), spec(product, name, null)));
  }

  static FirmwareSpec spec(String product, String name, @Nullable String description) {
    var file = new FirmwareFile("file", "https://files/blue.bin", 1024, "0".repeat(32), "0".repeat(64), SignMethod.MD5);
    return new FirmwareSpec(product(product), ModuleName.DEFAULT, name, "2.0.0", null, FirmwareSpec.Type.FULL, file,
        true, description, null);
  }

  static CreateVerifyJob verify(String nonce, String firmware, String product, String... devices) {
    return new CreateVerifyJob(ACCOUNT, firmware(firmware), job(firmware, nonce), product(product),
        Stream.of(devices).map(DeviceName::new).toList(), Duration.ofMinutes(30), true, false,
        List.of(new Tag("site", "north")));
  }

  static Incoming<Command> createVerifyJob(String nonce, String firmware, String product, String... devices) {
    return incoming(context(nonce), verify(nonce, firmware, product, devices));
  }

  static Incoming<Command> conclude(String firmware, String job, Verdict verdict) {
    var command = new ConcludeVerification(firmware(firmware), job(firmware, job), verdict, NOW);
    return new Incoming<>(Message.unnumbered("conclude:" + command.jobId(), Source.STATUS_AGGREGATOR,
        command.jobId().value(), NOW, command), command.key(), Topics.COMMANDS, PARTITION, offset++, Map.of());
  }

  static Incoming<Command> incoming(CommandContext context, Command command) {
    return new Incoming<>(message(context, command), command.key(), Topics.COMMANDS, PARTITION, offset++, Map.of());
  }

  static Message<Command> message(CommandContext context, Command command) {
    return new Message<>(context.id().value(), Source.API_GATEWAY, command.key(), NOW, context.toExtensions(), command);
  }
}
