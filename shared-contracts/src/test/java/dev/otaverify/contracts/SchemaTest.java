// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.ContractFiles.Sample;
import dev.otaverify.contracts.FirmwareEvent.FirmwareVerificationFailed.DeviceFailure;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The schemas tell a right message from a wrong one. */
class SchemaTest {
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59.123456789Z");
  private static final CommandId COMMAND = CommandId.of("testid", "nonce");
  private static final AccountId ACCOUNT = new AccountId("_");
  private static final ProductKey PRODUCT = ProductKey.of(COMMAND);
  private static final DeviceId DEVICE = new DeviceId(PRODUCT, new DeviceName("a-_@.:Z9"));
  private static final FirmwareId FIRMWARE = FirmwareId.of(COMMAND);
  private static final JobId JOB = JobId.of(FIRMWARE, COMMAND);
  private static final TaskId TASK = TaskId.of(JOB, 999_999);

  /** What may be any text, so that no text in its place is wrong; a file's key is one too, a tag's is not. */
  private static final Set<String> FREE_TEXTS = Set.of("name", "description", "detail", "code", "nickname", "version",
      "destVersion",
      "srcVersion", "sourceVersion", "aliasName", "udi", "url", "messageId", "address", "message", "value");

  @ParameterizedTest
  @MethodSource("dev.otaverify.contracts.ContractFiles#samples")
  void aMessageIsValidAsReleasedAndNotWithAnyOneThingBroken(Sample sample) {
    assertThat(ContractFiles.errors(sample.type(), sample.data())).isEmpty();

    // Where there is a minimal sample it is the one in which nothing may be missing.
    boolean nothingMayBeMissing = sample.isMinimal()
        || ContractFiles.samples().stream().noneMatch(it -> it.isMinimal() && it.type().equals(sample.type()));
    brokenVariants(sample.data(), nothingMayBeMissing)
        .forEach((what, broken) -> assertThat(ContractFiles.errors(sample.type(), broken)).as(what).isNotEmpty());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
                                          command.create-product.v1      | /nodeType         | 2
                                          command.create-product.v1      | /dataFormat       | -1
                                          command.create-firmware.v1     | /spec/srcVersion  | null
                                          command.create-firmware.v1     | /spec/type        | "FULL"
                                          command.create-firmware.v1     | /spec/file/size   | -1
                                          command.create-firmware.v1     | /spec/file/md5    | "74B5B5E9570EFC5C0553BB327CD41940"
                                          command.create-verify-job.v1   | /targets          | []
                                          command.create-verify-job.v1   | /targets          | ["device-1","device-1"]
                                          command.create-verify-job.v1   | /targets          | ["name0","name1","name2","name3","name4","name5","name6","name7","name8","name9","name10"]
                                          command.create-verify-job.v1   | /timeout          | "PT"
                                          command.create-verify-job.v1   | /timeout          | "30M"
                                          command.create-verify-job.v1   | /timeout          | "PT-30M"
                                          command.create-verify-job.v1   | /tags/0/value     | ""
                                          command.create-verify-job.v1   | /tags/0/key       | "k-1"
                                          command.conclude-verification.v1 | /verdict        | "verified"
                                          device.progress-reported.v1    | /step             | -5
                                          device.progress-reported.v1    | /step             | 101
                                          device.progress-reported.v1    | /step             | 1.5
                                          device.version-reported.v1     | /device/deviceName | "a/b/c"
                                          device.version-reported.v1     | /at               | "2026-11-23 14:38:59"
                                          device.version-reported.v1     | /at               | 1795444739
                                          device.connected.v1            | /address          | null
                                          task.notified.v1               | /attempt          | 0
                                          task.progressed.v1             | /percent          | 101
                                          task.progressed.v1             | /taskId           | "Fht6EWXdQPUX19aaVTvxmzzIIBpK00000002"
                                          firmware.verified.v1           | /jobId            | "Fht6EWXdQPUX19aaVTvxmzzIIBpK03"
                                          """)
  void aValueOutOfItsBoundsIsNotValid(String type, String place, String value) {
    var wireType = "dev.otaverify." + type;
    var data = ContractFiles.samples().stream().filter(it -> it.type().equals(wireType) && !it.isMinimal()).findFirst()
        .orElseThrow().data().deepCopy();
    int slash = place.lastIndexOf('/');
    var parent = (ObjectNode) data.at(place.substring(0, slash));
    assertThat(ContractFiles.errors(wireType, data)).isEmpty();

    parent.set(place.substring(slash + 1), json(value));

    assertThat(ContractFiles.errors(wireType, data)).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("messagesAtTheirBounds")
  void whateverTheCodeWritesIsValid(Object data) {
    var encoded = Wire.encode(Message.unnumbered("id", Source.JOB_SERVICE, "subject", AT, data));

    assertThat(ContractFiles.errors(Wire.typeOf(data.getClass()), json(encoded.value()))).isEmpty();
  }

  static Stream<Object> messagesAtTheirBounds() {
    var longest = new Tag("k".repeat(30), "v".repeat(1024));
    var ten = IntStream.range(0, 10).mapToObj(number -> new DeviceName("device@" + number)).toList();
    var file = new FirmwareFile("key", "url", Long.MAX_VALUE, "0".repeat(32), "f".repeat(64),
        FirmwareFile.SignMethod.MD5);
    var spec = new FirmwareSpec(PRODUCT, new ModuleName("m".repeat(64)), "", "版本 2", null, FirmwareSpec.Type.FULL, file,
        false, "", "");
    var jobs = Stream
        .of(Duration.ofNanos(1), Duration.ofMillis(1500), Duration.ofMinutes(1), Duration.ofHours(1).plusSeconds(1),
            Duration.ofMinutes(1440), Duration.ofSeconds(Long.MAX_VALUE))
        .map(timeout -> new Command.CreateVerifyJob(ACCOUNT, FIRMWARE, JOB, PRODUCT, ten, timeout, false, true,
            List.of(longest)));
    var others = Stream.of(new Command.CreateFirmware(new AccountId("a".repeat(64)), FIRMWARE, spec),
        new DeviceInput.AssignTask(DEVICE, TASK, spec, Duration.ofMinutes(1), true, true, List.of(), Instant.EPOCH),
        new DeviceInput.ProgressReported(DEVICE, ModuleName.DEFAULT, -4, "", AT),
        new DeviceInput.ProgressReported(DEVICE, ModuleName.DEFAULT, 100, "", AT),
        new DeviceInput.Connected(DEVICE, Long.MIN_VALUE, null, AT),
        new DeviceInput.PushDue(DEVICE, TASK, Instant.parse("9999-12-31T23:59:59Z")),
        new FirmwareEvent.TaskNotified(TASK, DEVICE, Integer.MAX_VALUE, null, AT),
        new RegistryEvent.DeviceRegistered(PRODUCT, DeviceName.generated(COMMAND), IotId.of(PRODUCT, COMMAND), ACCOUNT,
            null, AT));
    var verdicts = Arrays.stream(Verdict.values())
        .map(verdict -> new Command.ConcludeVerification(FIRMWARE, JOB, verdict, AT));
    var refusals = Arrays.stream(ErrorCode.values()).map(code -> new Reply.Rejected(COMMAND, code.code(), ""));
    var failures = Arrays.stream(TaskFailed.Reason.values())
        .flatMap(reason -> Stream.of(new TaskFailed(TASK, DEVICE, reason, "", AT),
            new FirmwareEvent.FirmwareVerificationFailed(FIRMWARE, JOB,
                List.of(new DeviceFailure(TASK, DEVICE.deviceName(), reason.name(), "")), AT)));
    return Stream.of(jobs, others, verdicts, refusals, failures).flatMap(it -> it);
  }

  /** The data with one thing wrong, for each thing that can be. */
  private static Map<String, JsonNode> brokenVariants(JsonNode data, boolean withEachMissing) {
    var variants = new LinkedHashMap<String, JsonNode>();
    for (var place : placesIn("", data)) {
      var value = data.at(place);
      int slash = place.lastIndexOf('/');
      var name = place.substring(slash + 1);
      variants.put(place + " of another type", with(data, place, json(value.isString() ? "7" : "\"text\"")));
      variants.put(place + " null", with(data, place, json("null")));
      boolean free = FREE_TEXTS.contains(name) || place.endsWith("/file/key");
      if (value.isString() && !free) {
        variants.put(place + " of another form", with(data, place, json("\"/ no form /\"")));
      }
      if (withEachMissing && data.at(place.substring(0, slash)).isObject()) {
        var without = data.deepCopy();
        ((ObjectNode) without.at(place.substring(0, slash))).remove(name);
        variants.put(place + " missing", without);
      }
    }
    return variants;
  }

  private static JsonNode with(JsonNode data, String place, JsonNode value) {
    var copy = data.deepCopy();
    int slash = place.lastIndexOf('/');
    var name = place.substring(slash + 1);
    var parent = copy.at(place.substring(0, slash));
    if (parent instanceof ArrayNode array) {
      array.set(Integer.parseInt(name), value);
    } else {
      ((ObjectNode) parent).set(name, value);
    }
    return copy;
  }

  private static List<String> placesIn(String parent, JsonNode data) {
    var places = new ArrayList<String>();
    var names = data.isArray()
        ? IntStream.range(0, data.size()).mapToObj(Integer::toString).toList()
        : data.propertyNames();
    for (var name : names) {
      var place = parent + "/" + name;
      places.add(place);
      places.addAll(placesIn(place, data.at("/" + name)));
    }
    return places;
  }

  private static JsonNode json(String text) {
    return Wire.JSON.readTree(text);
  }
}
