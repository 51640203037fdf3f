// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command.ClientCommand;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.DeviceStatus;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.contracts.query.FirmwareStatus;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.HistoryEntry;
import dev.otaverify.contracts.query.JobStatus;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.ModuleVersion;
import dev.otaverify.contracts.query.ModuleView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.ProductView;
import dev.otaverify.contracts.query.TaskHistoryView;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.auth.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** All operations, on top of what answers with what is known here. */
final class KnownAnswers {
  static final Instant AT = Instant.parse("2026-11-23T14:38:59.123456Z");
  static final CommandId COMMAND = CommandId.of("testid", "nonce");
  static final AccountId ACCOUNT = new AccountId("acme");
  static final ProductKey PRODUCT = ProductKey.of(CommandId.of("k", "product"));
  static final FirmwareId FIRMWARE = FirmwareId.of(CommandId.of("k", "firmware"));
  static final JobId JOB = JobId.of(FIRMWARE, CommandId.of("k", "job"));
  static final String URL = "http://files/1";
  static final String MD5 = "d41d8cd98f00b204e9800998ecf8427e";
  static final String SHA256 = "ab".repeat(32);
  static final FirmwareSpec SPEC = new FirmwareSpec(PRODUCT, ModuleName.DEFAULT, "fw", "2.0.0", null,
      FirmwareSpec.Type.FULL, new FirmwareFile("key.bin", URL, 4096, MD5, SHA256, FirmwareFile.SignMethod.MD5), true,
      "说明", null);

  /** The commands that were sent, in their order. */
  final List<ClientCommand> sent = new ArrayList<>();
  /** The ids, names and pages that views were asked for, in their order. */
  final List<Object> asked = new ArrayList<>();
  final Operations operations = new Operations((command, caller) -> {
    sent.add(command);
    return Mono.just(AT);
  }, new KnownViews(), new KnownSecrets(), new KnownFiles(), new KnownWebhooks(),
      new OperationSettings("VERFIY_FIRMWARE", 1440, Duration.ofMinutes(1)));

  private final class KnownViews implements Views {
    @Override
    public Mono<FirmwareView> firmware(FirmwareId id, Caller caller) {
      asked.add(id);
      return Mono.just(new FirmwareView(id, SPEC, "thermostat", FirmwareStatus.VERIFYING, 50, AT, AT));
    }

    @Override
    public Mono<JobView> job(JobId id, Caller caller) {
      asked.add(id);
      return Mono.just(new JobView(id, FIRMWARE, PRODUCT, "2.0.0", JobStatus.IN_PROGRESS, Duration.ofMinutes(30), true,
          false, List.of(new Tag("k", "v")), AT, null, AT));
    }

    @Override
    public Mono<Page<TaskView>> tasks(JobId job, @Nullable TaskStatus status, List<DeviceName> devices, int page,
        int size, Caller caller) {
      asked.add(List.of(job, Optional.ofNullable(status), devices, page, size));
      return Mono.just(new Page<>(
          List.of(new TaskView(TaskId.of(job, 1), job, FIRMWARE, PRODUCT, "thermostat", ModuleName.DEFAULT,
              new DeviceName("device-1"),
              IotId.of(PRODUCT, COMMAND), null, "2.0.0", TaskStatus.FAILED, 50, "timeout", Duration.ofMinutes(30), AT,
              AT)),
          page, size, 3));
    }

    @Override
    public Mono<TaskHistoryView> history(TaskId task, int page, int size, Caller caller) {
      return tasks(task.jobId(), null, List.of(), 1, 1, caller)
          .map(tasks -> new TaskHistoryView(tasks.items().getFirst(),
              new Page<>(List.of(new HistoryEntry(7, AT, HistoryEntry.Kind.FIRMWARE_REQUESTED, "")), page, size, 8)));
    }

    @Override
    public Mono<ProductView> product(ProductKey key, Caller caller) {
      asked.add(key);
      return Mono.just(new ProductView(key, "thermostat", 0, 1, null, 2, AT));
    }

    @Override
    public Mono<Page<ProductView>> products(int page, int size, Caller caller) {
      asked.add(List.of(page, size));
      return product(PRODUCT, caller).map(view -> new Page<>(List.of(view), page, size, 1));
    }

    @Override
    public Mono<List<ModuleView>> modules(ProductKey key, Caller caller) {
      asked.add(key);
      return Mono.just(List.of(new ModuleView(key, new ModuleName("modem"), "Modem", null, AT, AT)));
    }

    @Override
    public Mono<Page<DeviceView>> devices(ProductKey key, int page, int size, Caller caller) {
      asked.add(List.of(key, page, size));
      return Mono.just(new Page<>(List.of(view("device-1")), page, size, 1));
    }

    @Override
    public Mono<List<DeviceView>> devices(ProductKey key, List<DeviceName> names, Caller caller) {
      asked.add(names);
      return Mono.just(names.stream().map(DeviceName::value).filter(name -> name.startsWith("device"))
          .map(KnownAnswers::view).toList());
    }

    @Override
    public Mono<List<DeviceView>> devicesOf(ProductKey key, List<IotId> iotIds, Caller caller) {
      asked.add(iotIds);
      return Mono.just(iotIds.stream().map(iotId -> view("device-1")).toList());
    }

    @Override
    public Mono<DeviceView> device(ProductKey key, DeviceName name, Caller caller) {
      asked.add(name);
      return Mono.just(view(name.value()));
    }

    @Override
    public Mono<DeviceView> device(IotId iotId, Caller caller) {
      asked.add(iotId);
      return Mono.just(view("device-1"));
    }

    @Override
    public Mono<Page<FirmwareView>> firmware(@Nullable ProductKey product, @Nullable String version, int page,
        int size, Caller caller) {
      return firmware(FIRMWARE, caller).map(view -> new Page<>(List.of(view), page, size, 1));
    }

    @Override
    public Mono<Page<JobView>> jobs(FirmwareId firmware, @Nullable DeviceName device, int page, int size,
        Caller caller) {
      return job(JOB, caller).map(view -> new Page<>(List.of(view), page, size, 1));
    }

    @Override
    public Mono<List<TaskView>> openTasks(ProductKey key, DeviceName device, TaskStatus status,
        @Nullable ModuleName module, Caller caller) {
      return tasks(JOB, status, List.of(device), 1, 10, caller).map(Page::items);
    }
  }

  private static DeviceView view(String name) {
    return new DeviceView(PRODUCT, "thermostat", 0, new DeviceName(name), IotId.of(PRODUCT, COMMAND), "hall",
        DeviceStatus.ONLINE, AT, "192.0.2.7", List.of(new ModuleVersion(ModuleName.DEFAULT, "1.0.0")), AT, AT, AT, AT);
  }

  private static final class KnownSecrets implements Secrets {
    @Override
    public Mono<String> ofProduct(ProductKey product) {
      return Mono.just("secret-of-product");
    }

    @Override
    public Mono<String> ofDevice(ProductKey product, DeviceName device) {
      return Mono.just("secret-of-device");
    }

    @Override
    public Mono<Map<String, String>> ofDevices(ProductKey product, List<DeviceName> devices) {
      return Mono.just(devices.stream().collect(Collectors.toMap(DeviceName::value, name -> "secret-of-" + name)));
    }

    @Override
    public Mono<Void> stage(CommandId command, String secret) {
      return Mono.empty();
    }
  }

  private static final class KnownFiles implements FirmwareFiles {
    @Override
    public UploadForm uploadForm(String suffix, Caller caller) {
      return new UploadForm("h", "k." + suffix, "id", "p", "s", URL, AT);
    }

    @Override
    public boolean isElsewhere(String firmwareUrl) {
      return firmwareUrl.startsWith("http://other");
    }

    @Override
    public Mono<UploadedFile> find(String firmwareUrl, Caller caller) {
      return firmwareUrl.equals(URL) ? Mono.just(new UploadedFile("key.bin", 4096, MD5, SHA256)) : Mono.empty();
    }
  }

  private static final class KnownWebhooks implements Webhooks {
    private static final WebhookId ID = WebhookId.of(COMMAND);

    private static Webhook webhook(Settings settings) {
      return new Webhook(ID, Objects.requireNonNull(settings.url()),
          Objects.requireNonNullElse(settings.eventTypes(), List.of()), settings.description(),
          settings.enabled() == null || settings.enabled() ? null : DisabledReason.REQUESTED, null, 2, AT, 1, AT, AT);
    }

    @Override
    public Mono<Created> create(Settings settings, Caller caller) {
      return Mono.just(new Created(webhook(settings), new Secret("whsec_1", null)));
    }

    @Override
    public Mono<Webhook> update(WebhookId id, Settings settings, Caller caller) {
      return Mono.just(webhook(settings));
    }

    @Override
    public Mono<Secret> rotateSecret(WebhookId id, Caller caller) {
      return Mono.just(new Secret("whsec_2", AT));
    }

    @Override
    public Mono<Void> delete(WebhookId id, Caller caller) {
      return Mono.empty();
    }

    @Override
    public Mono<List<Webhook>> list(Caller caller) {
      return Mono.just(List.of(webhook(new Settings(URL, null, null, null))));
    }

    @Override
    public Mono<Page<Delivery>> deliveries(WebhookId id, @Nullable FirmwareId firmware, @Nullable DeliveryState state,
        int page, int size, Caller caller) {
      return Mono.just(new Page<>(List.of(new Delivery("job-service:x:1", FIRMWARE,
          "dev.otaverify.firmware.verified.v1", 2, AT, 500, "HTTP 500", 12, AT, null)), page, size, 1));
    }

    @Override
    public Mono<Void> resend(WebhookId id, String eventId, Caller caller) {
      return Mono.empty();
    }
  }
}
