// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.CancelTasks;
import dev.otaverify.contracts.Command.ConcludeVerification;
import dev.otaverify.contracts.Command.ConfirmTasks;
import dev.otaverify.contracts.Command.CreateFirmware;
import dev.otaverify.contracts.Command.CreateModule;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.Command.DeleteDevice;
import dev.otaverify.contracts.Command.DeleteFirmware;
import dev.otaverify.contracts.Command.DeleteModule;
import dev.otaverify.contracts.Command.DeleteProduct;
import dev.otaverify.contracts.Command.ImportDevice;
import dev.otaverify.contracts.Command.ImportProduct;
import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.Command.SetDeviceEnabled;
import dev.otaverify.contracts.Command.UpdateModule;
import dev.otaverify.contracts.Command.UpdateProduct;
import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.FirmwareEvent.TaskCanceled;
import dev.otaverify.contracts.FirmwareEvent.TaskConfirmed;
import dev.otaverify.contracts.FirmwareEvent.VerifyJobCreated;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.RegistryEvent.DeviceDeleted;
import dev.otaverify.contracts.RegistryEvent.DeviceDisabled;
import dev.otaverify.contracts.RegistryEvent.DeviceEnabled;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.contracts.RegistryEvent.ModuleCreated;
import dev.otaverify.contracts.RegistryEvent.ModuleDeleted;
import dev.otaverify.contracts.RegistryEvent.ModuleUpdated;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import dev.otaverify.contracts.RegistryEvent.ProductDeleted;
import dev.otaverify.contracts.RegistryEvent.ProductUpdated;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.jobservice.credentials.Secret;
import dev.otaverify.jobservice.credentials.SecretGenerator;
import dev.otaverify.jobservice.rules.BroughtSecret;
import dev.otaverify.jobservice.rules.Decision;
import dev.otaverify.jobservice.rules.Device;
import dev.otaverify.jobservice.rules.Firmware;
import dev.otaverify.jobservice.rules.Module;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decisions on one batch, one request after the other: each is decided on what the ones before it have left. Holds
 * the state while it goes, and in the end the rows and records it comes to. Used for one batch, by one thread.
 */
final class Fold {
  private static final Logger LOG = LoggerFactory.getLogger(Fold.class);

  private final Loaded loaded;
  private final Instant now;
  private final boolean again;
  private final SecretGenerator secrets;

  private final Map<CommandId, AnswerRow> answers;
  private final Map<FirmwareId, Numbered<Firmware>> firmware = new TreeMap<>();
  private final Map<ProductKey, Numbered<Product>> products = new TreeMap<>();
  private final Map<DeviceId, Device> devices = new TreeMap<>(Comparator.comparing(DeviceId::key));
  private final Map<ProductKey, Map<ModuleName, Module>> modules = new TreeMap<>();
  private final Map<JobId, JobRow> jobs;
  private final Map<ProductKey, Long> contents;
  private final Map<ProductKey, Map<ModuleName, Long>> firmwareOfModules = new HashMap<>();
  private final Map<DeviceId, JobId> busyDevices;
  private final Map<ProductKey, Secret> productSecrets;
  private final Map<DeviceId, Secret> deviceSecrets;
  private final Set<Name> firmwareNames;
  private final Set<Name> productNames;

  private final Map<ProductKey, ProductRow> newProducts = new TreeMap<>();
  private final Map<ProductKey, Product.Known> updatedProducts = new HashMap<>();
  private final Set<DeviceId> deletedDevices = new TreeSet<>(Comparator.comparing(DeviceId::key));
  private final Map<DeviceId, DeviceRow> newDevices = new TreeMap<>(Comparator.comparing(DeviceId::key));
  private final Set<ProductKey> changedModules = new TreeSet<>();
  private final List<AnswerRow> newAnswers = new ArrayList<>();
  private final Set<CommandId> decidedImports = new TreeSet<>();
  private final Set<FirmwareId> touchedFirmware = new TreeSet<>();
  private final List<Outgoing> records = new ArrayList<>();
  private final List<Runnable> notices = new ArrayList<>();

  /** @param again whether the batch was decided on before, and the database does not know */
  Fold(Loaded loaded, Instant now, boolean again, SecretGenerator secrets) {
    this.loaded = loaded;
    this.now = now;
    this.again = again;
    this.secrets = secrets;
    this.answers = new HashMap<>(loaded.answers());
    this.jobs = new TreeMap<>(loaded.jobs());
    this.contents = new HashMap<>(loaded.contents());
    this.busyDevices = new HashMap<>(loaded.busyDevices());
    this.productSecrets = new HashMap<>(loaded.productSecrets());
    this.deviceSecrets = new HashMap<>(loaded.deviceSecrets());
    this.firmwareNames = new HashSet<>(loaded.firmwareNames());
    this.productNames = new HashSet<>(loaded.productNames());
    loaded.modules().forEach((key, ofProduct) -> modules.put(key, new TreeMap<>(ofProduct)));
    loaded.firmwareOfModules().forEach((key, counts) -> firmwareOfModules.put(key, new HashMap<>(counts)));
    var running = new HashMap<FirmwareId, JobRow>();
    loaded.jobs().values().forEach(job -> running.put(job.firmwareId(), job));
    loaded.firmware().forEach((id, row) -> {
      @Nullable
      JobRow job = running.get(id);
      firmware.put(id, new Numbered<>(row.state(job == null ? null : job.state()), row.eventNumber()));
    });
    loaded.products().forEach((key, row) -> products.put(key, new Numbered<>(row.state(), row.eventNumber())));
    loaded.devices().forEach((id, row) -> devices.put(id, row.state()));
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
    return new Output(records.stream().sorted(Comparator.comparing(Outgoing::step)).toList(), notices);
  }

  /** What is to be written. */
  Changes changes() {
    var newFirmware = new ArrayList<FirmwareRow>();
    var changedFirmware = new ArrayList<FirmwareRow>();
    for (var id : touchedFirmware) {
      var after = firmware(id);
      @Nullable
      FirmwareRow before = loaded.firmware().get(id);
      (before == null ? newFirmware : changedFirmware)
          .add(FirmwareRow.of(after.state(), after.number(), before, now));
    }
    var changedJobs = new ArrayList<JobRow>();
    var newJobs = new ArrayList<JobRow>();
    jobs.forEach((id, after) -> {
      @Nullable
      JobRow before = loaded.jobs().get(id);
      if (before == null) {
        newJobs.add(after);
      } else if (!before.equals(after)) {
        changedJobs.add(after);
      }
    });
    var createdModules = new TreeMap<ProductKey, List<ModuleRow>>();
    changedModules.forEach(key -> createdModules.put(key,
        modules(key).values().stream().map(module -> ModuleRow.of(key, module)).toList()));
    var enabled = new TreeMap<DeviceId, Boolean>(Comparator.comparing(DeviceId::key));
    loaded.devices().forEach((id, before) -> {
      if (!newDevices.containsKey(id) && devices.get(id) instanceof Device.Registered after
          && after.enabled() != before.enabled()) {
        enabled.put(id, after.enabled());
      }
    });
    // New names are inserted in one order by all: two units that take the same ones wait, but not for each other.
    newFirmware.sort(Comparator.comparing(FirmwareRow::nameInAccount));
    newAnswers.sort(Comparator.comparing(AnswerRow::commandId));
    return new Changes(changedJobs, changedProducts(),
        newProducts.values().stream().map(this::asItIsNow).sorted(Comparator.comparing(ProductRow::nameInAccount))
            .toList(),
        List.copyOf(deletedDevices), List.copyOf(newDevices.values()), enabled, createdModules, changedFirmware,
        newFirmware, newJobs, newAnswers, decidedImports);
  }

  private List<ProductRow.Change> changedProducts() {
    var changed = new ArrayList<ProductRow.Change>();
    loaded.products().forEach((key, before) -> {
      var after = product(key);
      if (after.number() == before.eventNumber() || newProducts.containsKey(key)) {
        return;
      }
      changed.add(switch (after.state()) {
        case Product.Known known -> new ProductRow.Change(key, known.name(), known.description(), after.number(), null);
        case Product.Unknown deleted -> {
          Product.@Nullable Known updated = updatedProducts.get(key);
          yield updated == null
              ? new ProductRow.Change(key, before.name(), before.description(), after.number(), now)
              : new ProductRow.Change(key, updated.name(), updated.description(), after.number(), now);
        }
      });
    });
    changed.sort(Comparator.comparing(ProductRow.Change::productKey));
    return changed;
  }

  private ProductRow asItIsNow(ProductRow row) {
    var after = product(row.productKey());
    return after.state() instanceof Product.Known known
        ? row.with(known, after.number())
        : row.deleted(after.number(), now);
  }

  private void conclude(ConcludeVerification command) {
    var before = firmware(command.firmwareId());
    var after = Firmware.conclude(before.state(), command);
    if (after.equals(before.state())) {
      return;
    }
    firmware.put(command.firmwareId(), new Numbered<>(after, before.number()));
    touchedFirmware.add(command.firmwareId());
    jobs.computeIfPresent(command.jobId(), (id, job) -> job.concluded(command.verdict(), now));
    busyDevices.values().removeIf(command.jobId()::equals);
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
    var id = request.context().id();
    return switch (request.command()) {
      case CreateProduct create -> registry(incoming, id, Product.decide(product(create.productKey()).state(), create,
          productNames.contains(new Name(create.account(), create.name())), now), null);
      case ImportProduct bring -> registry(incoming, id, Product.decide(product(bring.productKey()).state(), bring,
          brought(id, productSecrets.get(bring.productKey())),
          productNames.contains(new Name(bring.account(), bring.name())), now), loaded.staged().get(id));
      case UpdateProduct update -> registry(incoming, id, Product.decide(product(update.productKey()).state(), update,
          productNames.contains(new Name(update.account(), update.name())), now), null);
      case DeleteProduct delete -> registry(incoming, id, Product.decide(product(delete.productKey()).state(), delete,
          contents.getOrDefault(delete.productKey(), 0L), now), null);
      case RegisterDevice register -> registry(incoming, id,
          Device.decide(device(register.productKey(), register.deviceName()), register,
              product(register.productKey()).state(), now),
          null);
      case ImportDevice bring -> registry(incoming, id,
          Device.decide(device(bring.productKey(), bring.deviceName()), bring, product(bring.productKey()).state(),
              brought(id, deviceSecrets.get(new DeviceId(bring.productKey(), bring.deviceName()))), now),
          loaded.staged().get(id));
      case SetDeviceEnabled set -> registry(incoming, id, Device.decide(device(set.productKey(), set.deviceName()),
          set, product(set.productKey()).state(), now), null);
      case DeleteDevice delete -> registry(incoming, id,
          Device.decide(device(delete.productKey(), delete.deviceName()), delete, product(delete.productKey()).state(),
              busyDevices.get(new DeviceId(delete.productKey(), delete.deviceName())), now),
          null);
      case CreateModule create -> registry(incoming, id,
          Module.decide(modules(create.productKey()), create, product(create.productKey()).state(), now), null);
      case UpdateModule update -> registry(incoming, id,
          Module.decide(modules(update.productKey()), update, product(update.productKey()).state(), now), null);
      case DeleteModule delete -> registry(incoming, id,
          Module.decide(modules(delete.productKey()), delete, product(delete.productKey()).state(),
              firmwareOfModules.getOrDefault(delete.productKey(), Map.of()).getOrDefault(delete.moduleName(), 0L),
              now),
          null);
      case CreateFirmware create -> settle(id, Firmware.decide(firmware(create.firmwareId()).state(), create,
          product(create.spec().productKey()).state(),
          Module.exists(modules(create.spec().productKey()), create.spec().moduleName()),
          firmwareNames.contains(new Name(create.account(), create.spec().name())), now),
          event -> happened(incoming, event));
      case DeleteFirmware delete -> settle(id,
          Firmware.decide(firmware(delete.firmwareId()).state(), delete, now), event -> happened(incoming, event));
      case ConfirmTasks confirm -> settle(id,
          Firmware.decide(firmware(confirm.firmwareId()).state(), confirm, now), event -> happened(incoming, event));
      case CancelTasks cancel -> settle(id,
          Firmware.decide(firmware(cancel.firmwareId()).state(), cancel, now), event -> happened(incoming, event));
      case CreateVerifyJob create -> settle(id, Firmware.decide(firmware(create.firmwareId()).state(), create,
          product(create.productKey()).state(), registeredTargets(create), now), event -> happened(incoming, event));
    };
  }

  private BroughtSecret brought(CommandId command, @Nullable Secret known) {
    decidedImports.add(command);
    @Nullable
    Secret staged = loaded.staged().get(command);
    if (staged == null) {
      // It was there then, and is lost. The same event must follow, with any secret; else its number would be given to another one.
      return again ? BroughtSecret.ANOTHER : BroughtSecret.MISSING;
    }
    return staged.equals(known) ? BroughtSecret.THAT_OF_THE_KNOWN : BroughtSecret.ANOTHER;
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

  /** @param brought the secret of what moves in; null for what gets a new one */
  private Reply registry(Incoming<Command> incoming, CommandId command, Decision<RegistryEvent> decision,
      @Nullable Secret brought) {
    return settle(command, decision, event -> happened(incoming, event, brought));
  }

  private void happened(Incoming<Command> cause, RegistryEvent event, @Nullable Secret brought) {
    var key = event.productKey();
    var before = product(key);
    var number = before.number() + 1;
    var state = before.state();
    switch (event) {
      case ProductCreated created -> {
        state = Product.evolve(state, created);
        productNames.add(new Name(created.account(), created.name()));
        var secret = brought == null ? secrets.next() : brought;
        productSecrets.put(key, secret);
        newProducts.put(key, ProductRow.of(created, secret, number));
        changedModules.remove(key);
        modules.remove(key);
      }
      case ProductUpdated updated -> {
        forgetName(before.state());
        state = Product.evolve(state, updated);
        if (state instanceof Product.Known known) {
          productNames.add(new Name(known.account(), known.name()));
          updated(known);
        }
      }
      case ProductDeleted deleted -> {
        forgetName(before.state());
        state = Product.evolve(state, deleted);
      }
      case DeviceRegistered registered -> {
        var id = new DeviceId(key, registered.deviceName());
        devices.put(id, Device.evolve(device(key, registered.deviceName()), registered));
        var secret = brought == null ? secrets.next() : brought;
        deviceSecrets.put(id, secret);
        newDevices.put(id, DeviceRow.of(registered, secret));
        contents.computeIfPresent(key, (same, count) -> count + 1);
      }
      case DeviceEnabled enabled -> enable(new DeviceId(key, enabled.deviceName()), enabled, true);
      case DeviceDisabled disabled -> enable(new DeviceId(key, disabled.deviceName()), disabled, false);
      case DeviceDeleted deleted -> {
        var id = new DeviceId(key, deleted.deviceName());
        devices.put(id, Device.evolve(device(key, deleted.deviceName()), deleted));
        deviceSecrets.remove(id);
        newDevices.remove(id);
        if (loaded.devices().containsKey(id)) {
          deletedDevices.add(id);
        }
        contents.computeIfPresent(key, (same, count) -> count - 1);
        records.add(cause.causes(Step.SECOND, Topics.DEVICE_INPUTS, id.key(),
            Message.unnumbered("forget:" + deleted.iotId(), Source.JOB_SERVICE, id.key(), now,
                new DeviceInput.ForgetDevice(id, now))));
      }
      case ModuleCreated created -> module(key,
          new Module(created.moduleName(), created.aliasName(), created.description()));
      case ModuleUpdated updated -> module(key,
          new Module(updated.moduleName(), updated.aliasName(), updated.description()));
      case ModuleDeleted deleted -> {
        modules.computeIfAbsent(key, none -> new TreeMap<>()).remove(deleted.moduleName());
        changedModules.add(key);
      }
      case RegistryEvent.DeviceVersionChanged theirs -> throw notOurs(theirs);
      case RegistryEvent.DevicePresenceChanged theirs -> throw notOurs(theirs);
    }
    products.put(key, new Numbered<>(state, number));
    records.add(cause.causes(Step.FIRST, Topics.REGISTRY_EVENTS, key.value(),
        Message.event(Source.JOB_SERVICE, key.value(), number, now, event)));
  }

  private static IllegalStateException notOurs(RegistryEvent event) {
    return new IllegalStateException("event: " + event.getClass().getSimpleName() + " (expected: one of job-service)");
  }

  private void enable(DeviceId id, RegistryEvent event, boolean value) {
    devices.put(id, Device.evolve(device(id.productKey(), id.deviceName()), event));
    newDevices.computeIfPresent(id, (same, row) -> row.withEnabled(value));
  }

  private void module(ProductKey key, Module module) {
    modules.computeIfAbsent(key, none -> new TreeMap<>()).put(module.name(), module);
    changedModules.add(key);
  }

  /** Kept apart from the state, which a deletion in the same batch would take away. */
  private void updated(Product.Known product) {
    updatedProducts.put(product.key(), product);
    newProducts.computeIfPresent(product.key(), (same, row) -> row.with(product, 0));
  }

  private void forgetName(Product product) {
    if (product instanceof Product.Known known) {
      productNames.remove(new Name(known.account(), known.name()));
    }
  }

  private void happened(Incoming<Command> cause, FirmwareEvent event) {
    var id = event.firmwareId();
    var before = firmware(id);
    var after = new Numbered<>(Firmware.evolve(before.state(), event), before.number() + 1);
    firmware.put(id, after);
    touchedFirmware.add(id);
    records.add(cause.causes(Step.FIRST, Topics.FIRMWARE_EVENTS, id.value(),
        Message.event(Source.JOB_SERVICE, id.value(), after.number(), now, event)));
    switch (event) {
      case FirmwareCreated created -> {
        firmwareNames.add(new Name(created.account(), created.spec().name()));
        count(created.spec().productKey(), created.spec().moduleName(), 1);
      }
      case FirmwareEvent.FirmwareDeleted deleted when before.state() instanceof Firmware.Known known -> {
        firmwareNames.remove(new Name(known.account(), known.spec().name()));
        count(known.spec().productKey(), known.spec().moduleName(), -1);
      }
      case VerifyJobCreated job when after.state() instanceof Firmware.Known known -> {
        jobs.put(job.jobId(), JobRow.of(job));
        notices.add(() -> LOG.atInfo().addKeyValue("jobId", job.jobId()).addKeyValue("firmwareId", id)
            .addKeyValue("devices", job.targets().size()).addKeyValue("trace.id", cause.traceId())
            .log("verify job created"));
        for (var assign : Firmware.assignments(job, known.spec())) {
          busyDevices.put(assign.device(), job.jobId());
          input(cause, "assign:" + assign.taskId(), assign.taskId().value(), assign);
        }
      }
      case TaskConfirmed confirmed -> {
        remember(after.state());
        input(cause, "confirm:" + confirmed.taskId(), confirmed.taskId().value(),
            new DeviceInput.ConfirmTask(confirmed.device(), confirmed.taskId(), now));
      }
      case TaskCanceled canceled -> {
        remember(after.state());
        input(cause, "cancel:" + canceled.taskId(), canceled.taskId().value(),
            new DeviceInput.CancelTask(canceled.device(), canceled.taskId(), now));
      }
      case FirmwareEvent other -> throw new IllegalStateException(
          "event: " + other.getClass().getSimpleName() + " (expected: one of job-service)");
    }
  }

  private void input(Incoming<Command> cause, String id, String subject, DeviceInput input) {
    records.add(cause.causes(Step.SECOND, Topics.DEVICE_INPUTS, input.device().key(),
        Message.unnumbered(id, Source.JOB_SERVICE, subject, now, input)));
  }

  /** Keeps in the job's row which of its tasks were confirmed and cancelled. */
  private void remember(Firmware state) {
    if (state instanceof Firmware.Verifying verifying) {
      jobs.computeIfPresent(verifying.job().jobId(), (id, row) -> row.with(verifying.job()));
    }
  }

  private void count(ProductKey product, ModuleName module, int more) {
    contents.computeIfPresent(product, (same, count) -> count + more);
    if (contents.containsKey(product)) {
      firmwareOfModules.computeIfAbsent(product, none -> new HashMap<>()).merge(module, (long) more, Long::sum);
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

  private Map<ModuleName, Module> modules(ProductKey key) {
    return modules.getOrDefault(key, Map.of());
  }

  private Device device(ProductKey product, DeviceName name) {
    var id = new DeviceId(product, name);
    return devices.getOrDefault(id, new Device.Unregistered(id));
  }

  private Map<DeviceName, IotId> registeredTargets(CreateVerifyJob create) {
    var registered = new HashMap<DeviceName, IotId>();
    for (var name : create.targets()) {
      if (device(create.productKey(), name) instanceof Device.Registered device) {
        registered.put(name, device.iotId());
      }
    }
    return registered;
  }
}
