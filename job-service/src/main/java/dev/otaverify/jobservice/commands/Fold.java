// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Verdict;
import dev.otaverify.jobservice.credentials.SecretGenerator;
import dev.otaverify.jobservice.rules.Decision;
import dev.otaverify.jobservice.rules.Device;
import dev.otaverify.jobservice.rules.Firmware;
import dev.otaverify.jobservice.rules.Product;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Outgoing;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The decisions on one batch, one request after the other: each is decided on what the ones before it have left. Holds
 * the state while it goes, and in the end the rows and records it comes to. Used for one batch, by one thread.
 */
final class Fold {
  private final Loaded loaded;
  private final Instant now;
  private final SecretGenerator secrets;

  private final Map<CommandId, AnswerRow> answers;
  private final Map<FirmwareId, Numbered<Firmware>> firmware = new TreeMap<>();
  private final Map<ProductKey, Numbered<Product>> products = new TreeMap<>();
  private final Map<DeviceId, IotId> devices;
  private final Set<Name> firmwareNames;
  private final Set<Name> productNames;

  private final Map<JobId, Verdict> conclusions = new TreeMap<>();
  private final Map<ProductKey, ProductRow> newProducts = new TreeMap<>();
  private final List<DeviceRow> newDevices = new ArrayList<>();
  private final Map<JobId, JobRow> newJobs = new TreeMap<>();
  private final List<AnswerRow> newAnswers = new ArrayList<>();
  private final Set<FirmwareId> touchedFirmware = new TreeSet<>();
  private final List<Outgoing> records = new ArrayList<>();

  Fold(Loaded loaded, Instant now, SecretGenerator secrets) {
    this.loaded = loaded;
    this.now = now;
    this.secrets = secrets;
    this.answers = new HashMap<>(loaded.answers());
    this.devices = new HashMap<>(loaded.devices());
    this.firmwareNames = new HashSet<>(loaded.firmwareNames());
    this.productNames = new HashSet<>(loaded.productNames());
    loaded.firmware().forEach((id, row) -> firmware.put(id,
        new Numbered<>(row.state(loaded.runningJobs().get(id)), row.eventNumber())));
    loaded.products().forEach((key, row) -> products.put(key, new Numbered<>(row.state(), row.eventNumber())));
  }

  /** A state, and the number of the last event that we wrote about it. */
  private record Numbered<S>(S state, long number) {}

  /** Decides on the next request. */
  void take(Request request) {
    switch (request) {
      case Request.FromAggregator conclude -> conclude(conclude.command());
      case Request.FromClient client -> reply(client.incoming(), client.context(), answer(client));
    }
  }

  /** What is to be published: every event before any input or reply, each kind in the order of its causes. */
  Output output() {
    return Output.of(records.stream().sorted(Comparator.comparing(Outgoing::step)).toList());
  }

  /** What is to be written. */
  Changes changes() {
    var newFirmware = new ArrayList<FirmwareRow>();
    var changedFirmware = new ArrayList<FirmwareRow>();
    for (var id : touchedFirmware) {
      var after = firmware(id);
      @Nullable
      FirmwareRow before = loaded.firmware().get(id);
      if (!(after.state() instanceof Firmware.Known known)) {
        throw new IllegalStateException("firmware: " + id + " (expected: known once something happened to it)");
      } else if (before == null) {
        newFirmware.add(FirmwareRow.of(known, after.number(), now));
      } else {
        changedFirmware.add(FirmwareRow.of(known, after.number(), before.createdAt()));
      }
    }
    var productNumbers = new TreeMap<ProductKey, Long>();
    loaded.products().forEach((key, before) -> {
      if (product(key).number() != before.eventNumber()) {
        productNumbers.put(key, product(key).number());
      }
    });
    // New names are inserted in one order by all: two units that take the same ones wait, but not for each other.
    newFirmware.sort(Comparator.comparing(FirmwareRow::nameInAccount));
    newAnswers.sort(Comparator.comparing(AnswerRow::commandId));
    return new Changes(conclusions,
        newProducts.values().stream().map(row -> row.withEventNumber(product(row.productKey()).number()))
            .sorted(Comparator.comparing(ProductRow::nameInAccount)).toList(),
        productNumbers, newDevices, newFirmware, changedFirmware, List.copyOf(newJobs.values()), newAnswers);
  }

  private void conclude(ConcludeVerification command) {
    var before = firmware(command.firmwareId());
    var after = Firmware.conclude(before.state(), command);
    if (after.equals(before.state())) {
      return;
    }
    firmware.put(command.firmwareId(), new Numbered<>(after, before.number()));
    touchedFirmware.add(command.firmwareId());
    if (newJobs.computeIfPresent(command.jobId(), (id, job) -> job.concluded(command.verdict(), now)) == null) {
      conclusions.put(command.jobId(), command.verdict());
    }
  }

  private Reply answer(Request.FromClient request) {
    var context = request.context();
    @Nullable
    AnswerRow stored = answers.get(context.id());
    if (stored != null) {
      return stored.fingerprint().equals(context.fingerprint())
          ? stored.reply()
          : rejected(context.id(), ErrorCode.NONCE_USED,
              "SignatureNonce: that of another request (expected: one that no request was made with)");
    }
    // A refusal for its age is remembered like any answer: whoever was told so must not see it done by a repeat.
    var reply = context.expiresAt().isBefore(now)
        ? rejected(context.id(), ErrorCode.COMMAND_EXPIRED,
            "time of the decision: " + now + " (expected: until " + context.expiresAt() + "); nothing was done")
        : carryOut(request);
    var answer = AnswerRow.of(context, reply, now);
    answers.put(context.id(), answer);
    newAnswers.add(answer);
    return reply;
  }

  private Reply carryOut(Request.FromClient request) {
    var incoming = request.incoming();
    var command = request.context().id();
    return switch (request.command()) {
      case CreateProduct create -> settle(command,
          Product.decide(product(create.productKey()).state(), create,
              productNames.contains(new Name(create.account(), create.name())), now),
          event -> created(incoming, event));
      case RegisterDevice register -> settle(command,
          Device.decide(device(register), register, product(register.productKey()).state(), now),
          event -> registered(incoming, event));
      case CreateFirmware create -> settle(command,
          Firmware.decide(firmware(create.firmwareId()).state(), create, product(create.spec().productKey()).state(),
              firmwareNames.contains(new Name(create.account(), create.spec().name())), now),
          event -> happened(incoming, event));
      case CreateVerifyJob create -> settle(command,
          Firmware.decide(firmware(create.firmwareId()).state(), create, product(create.productKey()).state(),
              registeredTargets(create), now),
          event -> happened(incoming, event));
    };
  }

  private <E> Reply settle(CommandId command, Decision<E> decision, Consumer<E> record) {
    return switch (decision) {
      case Decision.Refused<E>(var code, var message) -> rejected(command, code, message);
      case Decision.Accepted<E>(var events) -> {
        events.forEach(record);
        yield new Reply.Accepted(command, now);
      }
    };
  }

  private void created(Incoming<Command> cause, ProductCreated event) {
    var before = product(event.productKey());
    var after = new Numbered<>(Product.evolve(before.state(), event), before.number() + 1);
    products.put(event.productKey(), after);
    productNames.add(new Name(event.account(), event.name()));
    newProducts.put(event.productKey(), ProductRow.of(event, secrets.next(), after.number()));
    publish(cause, event, after.number());
  }

  private void registered(Incoming<Command> cause, DeviceRegistered event) {
    var before = product(event.productKey());
    products.put(event.productKey(), new Numbered<>(before.state(), before.number() + 1));
    devices.put(new DeviceId(event.productKey(), event.deviceName()), event.iotId());
    newDevices.add(DeviceRow.of(event, secrets.next()));
    publish(cause, event, before.number() + 1);
  }

  private void publish(Incoming<Command> cause, RegistryEvent event, long number) {
    records.add(cause.causes(Step.FIRST, Topics.REGISTRY_EVENTS, event.productKey().value(),
        Message.event(Source.JOB_SERVICE, event.productKey().value(), number, now, event)));
  }

  private void happened(Incoming<Command> cause, FirmwareEvent event) {
    var id = event.firmwareId();
    var before = firmware(id);
    var after = new Numbered<>(Firmware.evolve(before.state(), event), before.number() + 1);
    firmware.put(id, after);
    touchedFirmware.add(id);
    records.add(cause.causes(Step.FIRST, Topics.FIRMWARE_EVENTS, id.value(),
        Message.event(Source.JOB_SERVICE, id.value(), after.number(), now, event)));
    if (event instanceof FirmwareCreated created) {
      firmwareNames.add(new Name(created.account(), created.spec().name()));
    } else if (event instanceof VerifyJobCreated job && after.state() instanceof Firmware.Known known) {
      newJobs.put(job.jobId(), JobRow.of(job));
      for (var assign : Firmware.assignments(job, known.spec())) {
        records.add(cause.causes(Step.SECOND, Topics.DEVICE_INPUTS, assign.device().key(), Message.unnumbered(
            "assign:" + assign.taskId(), Source.JOB_SERVICE, assign.taskId().value(), now, assign)));
      }
    }
  }

  private void reply(Incoming<Command> cause, CommandContext context, Reply reply) {
    records.add(cause.causes(Step.SECOND, Topics.REPLIES, context.replyPartition(),
        Replies.message(context.id(), context.replyInstance(), cause.partition(), cause.offset(), now, reply)));
  }

  private static Reply rejected(CommandId command, ErrorCode code, String message) {
    return new Reply.Rejected(command, code.code(), message);
  }

  private Numbered<Firmware> firmware(FirmwareId id) {
    return firmware.getOrDefault(id, new Numbered<>(new Firmware.Unknown(id), 0));
  }

  private Numbered<Product> product(ProductKey key) {
    return products.getOrDefault(key, new Numbered<>(new Product.Unknown(key), 0));
  }

  private Device device(RegisterDevice register) {
    var id = new DeviceId(register.productKey(), register.deviceName());
    @Nullable
    IotId iotId = devices.get(id);
    return iotId == null ? new Device.Unregistered(id) : new Device.Registered(id, iotId);
  }

  private Map<DeviceName, IotId> registeredTargets(CreateVerifyJob create) {
    var registered = new HashMap<DeviceName, IotId>();
    for (var name : create.targets()) {
      @Nullable
      IotId iotId = devices.get(new DeviceId(create.productKey(), name));
      if (iotId != null) {
        registered.put(name, iotId);
      }
    }
    return registered;
  }
}
