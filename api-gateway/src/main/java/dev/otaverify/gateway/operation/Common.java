// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.ProductView;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.RefusedException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parameters and parts of answers that several operations share. */
final class Common {
  /** An id that has not the form of one names nothing that exists, so it is refused as what does not exist. */
  static final Parameter<FirmwareId> FIRMWARE_ID = Parameter.of("FirmwareId", "the id of a firmware", FirmwareId::new)
      .refusedWith(ErrorCode.FIRMWARE_NOT_FOUND).required();
  static final Parameter<JobId> JOB_ID = Parameter.of("JobId", "the id of a job", JobId::new)
      .refusedWith(ErrorCode.JOB_NOT_FOUND).required();
  static final Parameter<ProductKey> PRODUCT_KEY = Parameter.of("ProductKey", "the key of a product", ProductKey::new)
      .refusedWith(ErrorCode.PRODUCT_NOT_FOUND).required();

  static final Parameter<ModuleName> MODULE_NAME = Parameter
      .of("ModuleName", "1 to 64 letters, digits or . - _", ModuleName::new).required();
  static final Parameter<String> PRODUCT_NAME = Parameter
      .of("ProductName", "4 to 30 letters, digits, Chinese characters (each counts as 2), spaces or _ - @ ( )",
          Common::productName)
      .refusedWith(ErrorCode.INVALID_PRODUCT_NAME).required();
  static final Parameter<String> DOWNLOAD_PROTOCOL = Parameter.of("DownloadProtocol", "HTTPS", text -> {
    Parameter.require(text.equals("HTTPS"));
    return text;
  }).refusedWith(ErrorCode.DOWNLOAD_PROTOCOL_NOT_SUPPORTED).orElse("HTTPS");

  /** The states of a task that has not ended. */
  static final Set<TaskStatus> OPEN = Set.of(TaskStatus.CONFIRM, TaskStatus.QUEUED, TaskStatus.NOTIFIED,
      TaskStatus.IN_PROGRESS);

  private static final Pattern PRODUCT_NAME_FORM = Pattern.compile("[\\p{IsHan}A-Za-z0-9_@()\\- ]+");
  private static final DateTimeFormatter GMT = DateTimeFormatter.ofPattern("EEE, dd-MMM-yyyy HH:mm:ss 'GMT'",
      Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final int DEEPEST = 100_000;
  private static final int MAX_TAGS = 10;
  private static final int MAX_TAG_CHARACTERS = 4096;
  private static final String TAG = "Key of 1 to 30 letters, digits or dots and Value of 1 to 1024 characters";
  private static final ListParameter<Tag> TAG_LIST = ListParameter
      .ofObjects("Tag", TAG, ErrorCode.INVALID_TAG, Common::tag).sized(
          new ListParameter.Bounds(0, MAX_TAGS, ErrorCode.INVALID_TAG, ErrorCode.INVALID_TAG));

  /** {@code Tag.N.Key} and {@code Tag.N.Value}; {@link #checkTags} is for the rules across them. */
  static final Parameter<List<Tag>> TAGS = TAG_LIST;

  private Common() {}

  /** A device's name, by whatever name the parameter has. */
  static Parameter.Single<DeviceName> deviceName(String parameter) {
    return Parameter.of(parameter, "4 to 32 letters, digits or - _ @ . :", DeviceName::new)
        .refusedWith(ErrorCode.INVALID_DEVICE_NAME);
  }

  /** Refuses a key that is there twice, and tags that are too long together. */
  static List<Tag> checkTags(List<Tag> tags) {
    var keys = tags.stream().map(Tag::key).toList();
    if (Set.copyOf(keys).size() < keys.size()) {
      throw RefusedException.unexpected(ErrorCode.INVALID_TAG, "Tag.N.Key", keys.toString(), "no two the same");
    }
    int characters = tags.stream().mapToInt(tag -> tag.key().length() + tag.value().length()).sum();
    if (characters > MAX_TAG_CHARACTERS) {
      throw RefusedException.unexpected(ErrorCode.INVALID_TAG, "Tag", characters + " characters in all",
          MAX_TAG_CHARACTERS + " or fewer");
    }
    return tags;
  }

  /** The tags as answers carry them. */
  static List<Fields> tagFields(List<Tag> tags) {
    return tags.stream().map(tag -> new Fields().with("Key", tag.key()).with("Value", tag.value())).toList();
  }

  private static Tag tag(String name, Map<String, String> parts) {
    var key = parts.getOrDefault("Key", "");
    var value = parts.getOrDefault("Value", "");
    if (!Set.of("Key", "Value").containsAll(parts.keySet())) {
      throw RefusedException.unexpected(ErrorCode.INVALID_TAG, name, parts.keySet().toString(), TAG);
    }
    try {
      return new Tag(key, value);
    } catch (IllegalArgumentException e) {
      throw RefusedException.unexpected(ErrorCode.INVALID_TAG, name, "Key=" + key + " Value=" + value, TAG);
    }
  }

  private static String productName(String text) {
    int length = text.codePoints()
        .map(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN ? 2 : 1).sum();
    Parameter.require(length >= 4 && length <= 30 && PRODUCT_NAME_FORM.matcher(text).matches());
    return text;
  }

  /** {@code ProductKey} where it may be absent. */
  static Parameter.Single<ProductKey> optionalProductKey() {
    return Parameter.of("ProductKey", "the key of a product", ProductKey::new)
        .refusedWith(ErrorCode.PRODUCT_NOT_FOUND);
  }

  /** The platform's own name of a device. */
  static Parameter.Single<IotId> iotId(String parameter) {
    return Parameter.of(parameter, "the IotId of a device", IotId::new).refusedWith(ErrorCode.DEVICE_NOT_FOUND);
  }

  /** {@code TaskId}. */
  static Parameter.Single<TaskId> taskId() {
    return Parameter.of("TaskId", "the id of a task", TaskId::new).refusedWith(ErrorCode.TASK_NOT_FOUND);
  }

  /** {@code CurrentPage}. */
  static Parameter.Single<Integer> page() {
    return Parameter.number("CurrentPage", 1, DEEPEST).refusedWith(ErrorCode.INVALID_PAGE);
  }

  /** {@code PageSize}. */
  static Parameter.Single<Integer> size(int most) {
    return Parameter.number("PageSize", 1, most).refusedWith(ErrorCode.INVALID_PAGE);
  }

  /** Adds what answers say of a page. */
  static Fields paged(Fields fields, Page<?> page) {
    return fields.with("CurrentPage", page.number()).with("PageSize", page.size()).with("Total", page.total())
        .with("PageCount", Math.ceilDiv(page.total(), page.size()));
  }

  /** A time as the vendor's {@code Gmt…} fields of devices have it; null stays null. */
  static @Nullable String gmt(@Nullable Instant at) {
    return at == null ? null : GMT.format(at);
  }

  /** A product as lists carry it. */
  static Fields product(ProductView view) {
    return new Fields().with("ProductKey", view.productKey()).with("ProductName", view.name())
        .with("NodeType", view.nodeType()).with("DataFormat", view.dataFormat())
        .with("Description", view.description()).with("DeviceCount", view.deviceCount())
        .with("GmtCreate", view.createdAt().toEpochMilli()).with("AuthType", "secret");
  }

  /** How a device is named. */
  static Fields device(DeviceView view, Map<String, String> secrets) {
    return new Fields().with("ProductKey", view.productKey()).with("ProductName", view.productName())
        .with("DeviceName", view.deviceName()).with("IotId", view.iotId()).with("Nickname", view.nickname())
        .with("DeviceSecret", secrets.get(view.deviceName().value()));
  }

  /** A firmware as lists carry it. */
  static Fields firmware(FirmwareView view) {
    var spec = view.spec();
    var file = spec.file();
    return new Fields().with("FirmwareId", view.firmwareId()).with("FirmwareName", spec.name())
        .with("FirmwareDesc", spec.description()).with("ProductKey", spec.productKey())
        .with("ProductName", view.productName()).with("ModuleName", spec.moduleName())
        .with("SrcVersion", spec.srcVersion()).with("DestVersion", spec.destVersion())
        .with("Type", switch (spec.type()) {
          case FULL -> 0;
          case DELTA -> 1;
        }).with("Status", view.status().code()).with("FirmwareSize", file.size()).with("FirmwareSign", file.sign())
        .with("SignMethod", file.signMethod()).with("UtcCreate", view.createdAt())
        .with("UtcModified", view.modifiedAt());
  }

  /** A job as lists carry it. */
  static Fields job(JobView view, OperationSettings settings) {
    return new Fields().with("JobId", view.jobId()).with("JobType", settings.verifyJobType())
        .with("JobStatus", view.status()).with("FirmwareId", view.firmwareId()).with("ProductKey", view.productKey())
        .with("SelectionType", "STATIC").with("TargetSelection", "SPECIFIC")
        .withWrapped("Tags", "OtaTagDTO", tagFields(view.tags())).with("UtcCreate", view.createdAt())
        // A verification starts when it is created.
        .with("UtcStartTime", view.createdAt()).with("UtcEndTime", view.endedAt())
        .with("UtcModified", view.modifiedAt());
  }

  /** A task as lists carry it. */
  static Fields task(TaskView view) {
    return new Fields().with("TaskId", view.taskId()).with("JobId", view.jobId()).with("FirmwareId", view.firmwareId())
        .with("ProductKey", view.productKey()).with("ProductName", view.productName())
        .with("DeviceName", view.deviceName()).with("IotId", view.iotId()).with("SrcVersion", view.sourceVersion())
        .with("DestVersion", view.destVersion()).with("TaskStatus", view.status()).with("UtcCreate", view.createdAt())
        .with("UtcModified", view.modifiedAt());
  }
}
