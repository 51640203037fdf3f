// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import static dev.otaverify.gateway.operation.KnownAnswers.ACCOUNT;
import static dev.otaverify.gateway.operation.KnownAnswers.COMMAND;
import static dev.otaverify.gateway.operation.KnownAnswers.FIRMWARE;
import static dev.otaverify.gateway.operation.KnownAnswers.JOB;
import static dev.otaverify.gateway.operation.KnownAnswers.MD5;
import static dev.otaverify.gateway.operation.KnownAnswers.PRODUCT;
import static dev.otaverify.gateway.operation.KnownAnswers.SHA256;
import static dev.otaverify.gateway.operation.KnownAnswers.SPEC;
import static dev.otaverify.gateway.operation.KnownAnswers.URL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ClientCommand;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.gateway.api.Answer;
import dev.otaverify.gateway.api.ApiException;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.Format;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.auth.Permissions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each operation makes of its parameters, and what it refuses. */
class OperationTest {
  private static final Caller CALLER = new Caller(ACCOUNT, Permissions.ALL, COMMAND, "f".repeat(64), "00-trace");
  private static final Map<String, Map<String, String>> GOOD = Map.of(
      "CreateOTAVerifyJob",
      Map.of("FirmwareId", FIRMWARE.value(), "ProductKey", PRODUCT.value(), "TargetDeviceName.1", "device-1",
          "TargetDeviceName.2", "device-2"),
      "CreateOTAFirmware",
      Map.of("FirmwareName", "fw", "DestVersion", "2.0.0", "ProductKey", PRODUCT.value(), "FirmwareUrl", URL),
      "CreateProduct", Map.of("ProductName", "thermostat", "NodeType", "0"),
      "RegisterDevice", Map.of("ProductKey", PRODUCT.value()),
      "GenerateOTAUploadURL", Map.of(),
      "QueryOTAFirmware", Map.of("FirmwareId", FIRMWARE.value()),
      "QueryOTAJob", Map.of("JobId", JOB.value()),
      "ListOTATaskByJob", Map.of("JobId", JOB.value()),
      "CreateOTAWebhook", Map.of("Url", URL, "EventType.1", "dev.otaverify.firmware.verified.v1"),
      "ListOTAWebhookDelivery", Map.of("WebhookId", WebhookId.of(COMMAND).value()));

  private final KnownAnswers known = new KnownAnswers();
  private final List<ClientCommand> sent = known.sent;
  private final List<Object> asked = known.asked;
  private final Operations operations = known.operations;

  @ParameterizedTest
  @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                                                            CreateOTAWebhook     | Url                 | -             | MissingUrl                             | Url is mandatory for this action.
                                                            CreateOTAWebhook     | EventType.2         | dev.otaverify.nothing.v1 | iot.common.InvalidFormattedParameter   | EventType.2: dev.otaverify.nothing.v1 (expected: a type of ota.firmware.events (docs/EVENTS.md), or *)
                                                            ListOTAWebhookDelivery | WebhookId         | wh1           | iot.ota.WebhookNotFound                | WebhookId: wh1 (expected: the id of a webhook)
                                                            ListOTAWebhookDelivery | State             | OPEN          | iot.common.InvalidFormattedParameter   | State: OPEN (expected: one of WAITING, DELIVERED)
                                                            CreateOTAVerifyJob   | FirmwareId          | -             | MissingFirmwareId                      | FirmwareId is mandatory for this action.
                                                            CreateOTAVerifyJob   | FirmwareId          | ''            | MissingFirmwareId                      | FirmwareId is mandatory for this action.
                                                            CreateOTAVerifyJob   | FirmwareId          | ok            | iot.ota.FirmwareNotFound               | FirmwareId: ok (expected: the id of a firmware)
                                                            CreateOTAVerifyJob   | ProductKey          | -             | MissingProductKey                      | ProductKey is mandatory for this action.
                                                            CreateOTAVerifyJob   | ProductKey          | a1            | iot.prod.NotExistedProduct             | ProductKey: a1 (expected: the key of a product)
                                                            CreateOTAVerifyJob   | TargetDeviceName.2  | device-1      | iot.ota.DuplicatedDeviceName           | TargetDeviceName.2: device-1 (expected: no two the same)
                                                            CreateOTAVerifyJob   | TargetDeviceName.2  | dev 2         | iot.device.InvalidFormattedDeviceName  | TargetDeviceName.2: dev 2 (expected: 4 to 32 letters, digits or - _ @ . :)
                                                            CreateOTAVerifyJob   | TargetDeviceName.0  | device-3      | iot.common.InvalidFormattedParameter   | TargetDeviceName.0: device-3 (expected: numbered from 1, as TargetDeviceName.1)
                                                            CreateOTAVerifyJob   | TargetDeviceName    | device-3      | iot.common.InvalidFormattedParameter   | TargetDeviceName: device-3 (expected: numbered from 1, as TargetDeviceName.1)
                                                            CreateOTAVerifyJob   | TargetDeviceNames.1 | device-3      | iot.common.InvalidFormattedParameter   | TargetDeviceName: given together with TargetDeviceNames (expected: one of the two spellings)
                                                            CreateOTAVerifyJob   | TimeoutInMinutes    | 0             | iot.ota.InvalidTimeout                 | TimeoutInMinutes: 0 (expected: a whole number from 1 to 1440)
                                                            CreateOTAVerifyJob   | TimeoutInMinutes    | 1441          | iot.ota.InvalidTimeout                 | TimeoutInMinutes: 1441 (expected: a whole number from 1 to 1440)
                                                            CreateOTAVerifyJob   | TimeoutInMinutes    | 1.5           | iot.ota.InvalidTimeout                 | TimeoutInMinutes: 1.5 (expected: a whole number from 1 to 1440)
                                                            CreateOTAVerifyJob   | TimeoutInMinutes    | 99999999999   | iot.ota.InvalidTimeout                 | TimeoutInMinutes: 99999999999 (expected: a whole number from 1 to 1440)
                                                            CreateOTAVerifyJob   | NeedPush            | yes           | iot.common.InvalidFormattedParameter   | NeedPush: yes (expected: true or false)
                                                            CreateOTAVerifyJob   | NeedConfirm         | 1             | iot.common.InvalidFormattedParameter   | NeedConfirm: 1 (expected: true or false)
                                                            CreateOTAVerifyJob   | DownloadProtocol    | MQTT          | iot.ota.DownloadProtocolNotSupported   | DownloadProtocol: MQTT (expected: HTTPS)
                                                            CreateOTAVerifyJob   | Tag.1.Key           | k             | iot.ota.InvalidTag                     | Tag.1: Key=k Value= (expected: Key of 1 to 30 letters, digits or dots and Value of 1 to 1024 characters)
                                                            CreateOTAVerifyJob   | Tag.1.Color         | red           | iot.ota.InvalidTag                     | Tag.1: [Color] (expected: Key of 1 to 30 letters, digits or dots and Value of 1 to 1024 characters)
                                                            CreateOTAVerifyJob   | Tag.x.Key           | k             | iot.common.InvalidFormattedParameter   | Tag.x.Key: k (expected: numbered from 1, as Tag.1)
                                                            CreateOTAFirmware    | FirmwareName        | -fw           | iot.common.InvalidFormattedParameter   | FirmwareName: -fw (expected: 1 to 40 letters, digits, Chinese characters or - _ ( ), the first a letter, digit or Chinese character)
                                                            CreateOTAFirmware    | DestVersion         | 2 0           | iot.common.InvalidFormattedParameter   | DestVersion: 2 0 (expected: 1 to 64 letters, digits or . - _)
                                                            CreateOTAFirmware    | FirmwareUrl         | -             | MissingFirmwareUrl                     | FirmwareUrl is mandatory for this action.
                                                            CreateOTAFirmware    | FirmwareUrl         | http://ours   | iot.ota.FirmwareFileNotFound           | FirmwareUrl: http://ours (expected: a FirmwareUrl of GenerateOTAUploadURL whose file was uploaded, or an http or https URL of another host)
                                                            CreateOTAFirmware    | FirmwareUrl         | http://other  | iot.common.InvalidFormattedParameter   | FirmwareSize: missing (expected: the bytes of the file, since FirmwareUrl is on another host and not looked at)
                                                            CreateOTAFirmware    | FirmwareSize        | 4095          | iot.ota.FirmwareSizeMismatch           | FirmwareSize: 4095 (expected: the 4096 bytes that were uploaded)
                                                            CreateOTAFirmware    | FirmwareSign        | abc           | iot.ota.FirmwareSignMismatch           | FirmwareSign: abc (expected: MD5 of the uploaded file, d41d8cd98f00b204e9800998ecf8427e)
                                                            CreateOTAFirmware    | SignMethod          | SHA1          | iot.common.InvalidFormattedParameter   | SignMethod: SHA1 (expected: MD5 or SHA256)
                                                            CreateOTAFirmware    | Type                | 2             | iot.common.InvalidFormattedParameter   | Type: 2 (expected: 0 (full) or 1 (delta))
                                                            CreateOTAFirmware    | Type                | 1             | MissingSrcVersion                      | SrcVersion is mandatory for this action.
                                                            CreateOTAFirmware    | MultiFiles.1.Url    | http://x      | iot.common.InvalidFormattedParameter   | MultiFiles: 1 given (expected: none, since a firmware is one file, named in FirmwareUrl)
                                                            CreateProduct        | ProductName         | abc           | iot.prod.InvalidFormattedProductName   | ProductName: abc (expected: 4 to 30 letters, digits, Chinese characters (each counts as 2), spaces or _ - @ ( ))
                                                            CreateProduct        | ProductName         | -             | MissingProductName                     | ProductName is mandatory for this action.
                                                            CreateProduct        | NodeType            | 2             | iot.prod.InvalidNodeType               | NodeType: 2 (expected: a whole number from 0 to 1)
                                                            RegisterDevice       | DeviceName          | abc           | iot.device.InvalidFormattedDeviceName  | DeviceName: abc (expected: 4 to 32 letters, digits or - _ @ . :)
                                                            GenerateOTAUploadURL | FileSuffix          | exe           | iot.common.InvalidFormattedParameter   | FileSuffix: exe (expected: one of bin, dav, tar, gz, zip, gzip, apk, tar.gz, tar.xz, pack)
                                                            QueryOTAFirmware     | FirmwareId          | ../x          | iot.ota.FirmwareNotFound               | FirmwareId: ../x (expected: the id of a firmware)
                                                            QueryOTAJob          | JobId               | x             | iot.ota.JobNotFound                    | JobId: x (expected: the id of a job)
                                                            ListOTATaskByJob     | PageSize            | 101           | iot.common.InvalidPageParams           | PageSize: 101 (expected: a whole number from 1 to 100)
                                                            ListOTATaskByJob     | CurrentPage         | 0             | iot.common.InvalidPageParams           | CurrentPage: 0 (expected: a whole number from 1 to 100000)
                                                            ListOTATaskByJob     | CurrentPage         | 10001         | iot.common.InvalidPageParams           | CurrentPage × PageSize: 10001 × 10 (expected: 100000 or less)
                                                            ListOTATaskByJob     | TaskStatus          | DONE          | iot.common.InvalidFormattedParameter   | TaskStatus: DONE (expected: one of CONFIRM, QUEUED, NOTIFIED, IN_PROGRESS, SUCCEEDED, FAILED, CANCELED)
                                                            """)
  void aBreachIsRefusedWithItsCodeAndWhatWasExpected(String action, String parameter, @Nullable String value,
      String code, String text) {
    var parameters = good(action);
    parameters.remove(parameter);
    if (value != null) {
      parameters.put(parameter, value);
    }

    assertThatThrownBy(() -> call(action, parameters)).isInstanceOfSatisfying(ApiException.class, failure -> {
      assertThat(failure.code()).isEqualTo(code);
      assertThat(failure.text()).isEqualTo(text);
    });
    assertThat(sent).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void noDeviceAndElevenDevicesAreRefused() {
    var none = good("CreateOTAVerifyJob");
    none.keySet().removeIf(name -> name.startsWith("TargetDeviceName"));
    var eleven = good("CreateOTAVerifyJob");
    for (int i = 1; i <= 11; i++) {
      eleven.put("TargetDeviceName." + i, "device-" + i);
    }

    assertThatThrownBy(() -> call("CreateOTAVerifyJob", none)).hasMessage("iot.device.NoneDeviceNameElement: "
        + "TargetDeviceName: 0 given (expected: 1 to 10, as TargetDeviceName.1, TargetDeviceName.2, …)");
    assertThatThrownBy(() -> call("CreateOTAVerifyJob", eleven)).hasMessage("iot.ota.TooManyVerifyDevices: "
        + "TargetDeviceName: 11 given (expected: 1 to 10, as TargetDeviceName.1, TargetDeviceName.2, …)");
  }

  @Test
  void tagsAreRefusedWhenTooManyTooLongTogetherOrWithOneKeyTwice() {
    var many = good("CreateOTAVerifyJob");
    for (int i = 1; i <= 11; i++) {
      many.put("Tag." + i + ".Key", "k" + i);
      many.put("Tag." + i + ".Value", "v");
    }
    var twice = good("CreateOTAVerifyJob");
    twice.putAll(Map.of("Tag.1.Key", "k", "Tag.1.Value", "1", "Tag.2.Key", "k", "Tag.2.Value", "2"));
    var tooLong = good("CreateOTAVerifyJob");
    for (int i = 1; i <= 4; i++) {
      tooLong.put("Tag." + i + ".Key", "k" + i);
      tooLong.put("Tag." + i + ".Value", "v".repeat(1024));
    }

    assertThatThrownBy(() -> call("CreateOTAVerifyJob", many))
        .hasMessage("iot.ota.InvalidTag: Tag: 11 given (expected: 0 to 10, as Tag.1, Tag.2, …)");
    assertThatThrownBy(() -> call("CreateOTAVerifyJob", twice))
        .hasMessage("iot.ota.InvalidTag: Tag.N.Key: [k, k] (expected: no two the same)");
    assertThatThrownBy(() -> call("CreateOTAVerifyJob", tooLong))
        .hasMessage("iot.ota.InvalidTag: Tag: 4104 characters in all (expected: 4096 or fewer)");
  }

  @Test
  void aVerificationTakesItsDefaultsAndDevicesInOrderOfTheirNumbersUnderEitherName() {
    var parameters = new HashMap<>(Map.of("FirmwareId", FIRMWARE.value(), "ProductKey", PRODUCT.value()));
    parameters.putAll(Map.of("TargetDeviceNames.10", "device-b", "TargetDeviceNames.9", "device-a"));

    var fields = call("CreateOTAVerifyJob", parameters);

    var job = JobId.of(FIRMWARE, COMMAND);
    assertThat(sent).containsExactly(new Command.CreateVerifyJob(ACCOUNT, FIRMWARE, job, PRODUCT,
        List.of(new DeviceName("device-a"), new DeviceName("device-b")), Duration.ofDays(1), true, false, List.of()));
    assertThat(json(fields))
        .startsWith("{\"Data\":{\"JobId\":\"" + job + "\",\"UtcCreate\":\"2026-11-23T14:38:59.123Z\"}");
  }

  @Test
  void aDeltaNeedsAnotherSourceVersionAndAFullPackageHasNone() {
    var delta = good("CreateOTAFirmware");
    delta.putAll(Map.of("Type", "1", "SrcVersion", "2.0.0"));
    var full = good("CreateOTAFirmware");
    full.putAll(Map.of("Type", "0", "SrcVersion", "1.0.0", "FirmwareSize", "4096", "FirmwareDesc", "说明",
        "FirmwareSign", MD5.toUpperCase(Locale.ROOT)));

    assertThatThrownBy(() -> call("CreateOTAFirmware", delta)).hasMessage("iot.common.InvalidFormattedParameter: "
        + "SrcVersion: 2.0.0 (expected: another version than DestVersion)");
    call("CreateOTAFirmware", full);
    assertThat(sent).containsExactly(new Command.CreateFirmware(ACCOUNT, FirmwareId.of(COMMAND), SPEC));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                                                            0    | MD5    | d41d8cd98f00b204e9800998ecf8427e | FirmwareSize: 0 (expected: the bytes of the file
                                                            4096 | MD5    | -                                | FirmwareSign: missing (expected: 32 hex digits, the MD5 of the file
                                                            4096 | SHA256 | d41d8cd98f00b204e9800998ecf8427e | FirmwareSign: d41d8cd98f00b204e9800998ecf8427e (expected: 64 hex digits, the SHA256 of the file
                                                            4096 | MD5    | g41d8cd98f00b204e9800998ecf8427e | FirmwareSign: g41d8cd98f00b204e9800998ecf8427e (expected: 32 hex digits, the MD5 of the file
                                                            """)
  void ofAFileElsewhereSizeAndSignMustBeDeclared(String size, String method, @Nullable String sign, String text) {
    var parameters = good("CreateOTAFirmware");
    parameters.putAll(Map.of("FirmwareUrl", "http://other/f?x=%2F", "FirmwareSize", size, "SignMethod", method));
    if (sign != null) {
      parameters.put("FirmwareSign", sign);
    }

    assertThatThrownBy(() -> call("CreateOTAFirmware", parameters)).isInstanceOfSatisfying(ApiException.class,
        failure -> {
          assertThat(failure.code()).isEqualTo("iot.common.InvalidFormattedParameter");
          assertThat(failure.text()).startsWith(text);
        });
    assertThat(sent).isEmpty();
  }

  @Test
  void aFileElsewhereBecomesFirmwareAsItIsDeclared() {
    var parameters = good("CreateOTAFirmware");
    parameters.putAll(Map.of("FirmwareUrl", "http://other/f?x=%2F", "FirmwareSize", "4096", "SignMethod", "sha256",
        "FirmwareSign", SHA256.toUpperCase(Locale.ROOT)));

    call("CreateOTAFirmware", parameters);

    assertThat(sent).singleElement().isInstanceOfSatisfying(Command.CreateFirmware.class,
        command -> assertThat(command.spec().file()).isEqualTo(
            FirmwareFile.elsewhere("http://other/f?x=%2F", 4096, FirmwareFile.SignMethod.SHA256, SHA256)));
  }

  @Test
  void aDeviceWithoutANameGetsTheSameOneEachTimeItsRequestComes() {
    var first = json(call("RegisterDevice", good("RegisterDevice")));
    var again = json(call("RegisterDevice", good("RegisterDevice")));

    assertThat(again).isEqualTo(first).contains("\"DeviceSecret\":\"secret-of-device\"");
    assertThat(sent).hasSize(2).allMatch(new Command.RegisterDevice(ACCOUNT, PRODUCT, DeviceName.generated(COMMAND),
        IotId.of(PRODUCT, COMMAND), null)::equals);
  }

  @Test
  void aProductIsAnsweredWithItsKeyTwiceAndItsSecret() {
    var product = ProductKey.of(COMMAND);

    assertThat(json(call("CreateProduct", good("CreateProduct")))).startsWith("{\"ProductKey\":\"" + product
        + "\",\"Data\":{\"ProductKey\":\"" + product + "\",\"ProductName\":\"thermostat\","
        + "\"ProductSecret\":\"secret-of-product\",\"NodeType\":0,\"DataFormat\":1,");
  }

  @Test
  void aFirmwareIsAnsweredWithItsStatusAndProgress() {
    assertThat(json(call("QueryOTAFirmware", good("QueryOTAFirmware"))))
        .startsWith("{\"FirmwareInfo\":{\"FirmwareId\":\""
            + FIRMWARE + "\",\"FirmwareName\":\"fw\",\"FirmwareDesc\":\"说明\",\"ProductKey\":\"" + PRODUCT
            + "\",\"ProductName\":\"thermostat\",\"ModuleName\":\"default\",\"DestVersion\":\"2.0.0\",\"Type\":0,\"Status\":2,"
            + "\"FirmwareSize\":4096,\"FirmwareSign\":\"" + MD5 + "\",\"SignMethod\":\"MD5\","
            + "\"UtcCreate\":\"2026-11-23T14:38:59.123Z\",\"UtcModified\":\"2026-11-23T14:38:59.123Z\","
            + "\"VerifyProgress\":50,\"FirmwareUrl\":\"" + URL + "\",\"MultiFiles\":[]}");
  }

  @Test
  void aJobIsAnsweredWithItsListsWrapped() {
    assertThat(json(call("QueryOTAJob", good("QueryOTAJob")))).startsWith("{\"Data\":{\"JobId\":\"" + JOB
        + "\",\"JobType\":\"VERFIY_FIRMWARE\",\"JobStatus\":\"IN_PROGRESS\",\"FirmwareId\":\"" + FIRMWARE
        + "\",\"ProductKey\":\"" + PRODUCT + "\",\"DestVersion\":\"2.0.0\",\"SelectionType\":\"STATIC\","
        + "\"TargetSelection\":\"SPECIFIC\",\"SrcVersions\":{\"SrcVersion\":[]},\"DownloadProtocol\":\"HTTPS\","
        + "\"NeedPush\":true,\"NeedConfirm\":false,\"TimeoutInMinutes\":30,"
        + "\"Tags\":{\"OtaTagDTO\":[{\"Key\":\"k\",\"Value\":\"v\"}]},\"UtcCreate\":\"2026-11-23T14:38:59.123Z\","
        + "\"UtcStartTime\":\"2026-11-23T14:38:59.123Z\",\"UtcModified\":\"2026-11-23T14:38:59.123Z\"}");
  }

  @Test
  void theTasksOfAJobAreAnsweredAPageAtATime() {
    var parameters = good("ListOTATaskByJob");
    parameters.putAll(Map.of("CurrentPage", "2", "PageSize", "1", "TaskStatus", "FAILED", "DeviceNames.1", "device-1"));

    var fields = call("ListOTATaskByJob", parameters);

    assertThat(asked).containsExactly(List.of(JOB, Optional.of(TaskStatus.FAILED), List.of(new DeviceName("device-1")),
        2, 1));
    assertThat(json(fields)).startsWith("{\"CurrentPage\":2,\"PageSize\":1,\"Total\":3,\"PageCount\":3,"
        + "\"Data\":{\"SimpleOTATaskInfo\":[{\"TaskId\":\"" + TaskId.of(JOB, 1) + "\",\"JobId\":\"" + JOB
        + "\",\"FirmwareId\":\"" + FIRMWARE + "\",\"ProductKey\":\"" + PRODUCT + "\",\"ProductName\":\"thermostat\","
        + "\"DeviceName\":\"device-1\",\"IotId\":\"" + IotId.of(PRODUCT, COMMAND)
        + "\",\"DestVersion\":\"2.0.0\",\"TaskStatus\":\"FAILED\","
        + "\"UtcCreate\":\"2026-11-23T14:38:59.123Z\",\"UtcModified\":\"2026-11-23T14:38:59.123Z\","
        + "\"Progress\":\"50.00\",\"TaskDesc\":\"timeout\",\"Timeout\":\"30\"}");
  }

  @Test
  void theHistoryOfATaskIsAnsweredAPageAtATime() {
    var fields = call("ListOTATaskHistory", Map.of("TaskId", TaskId.of(JOB, 1).value(), "CurrentPage", "2"));

    assertThat(json(fields)).startsWith("{\"CurrentPage\":2,\"PageSize\":100,\"Total\":8,\"PageCount\":1,"
        + "\"Task\":{\"TaskId\":\"" + TaskId.of(JOB, 1) + "\"")
        .endsWith("\"TaskDesc\":\"timeout\"},\"Data\":{\"OTATaskHistoryEntry\":[{\"Number\":7,"
            + "\"UtcTime\":\"2026-11-23T14:38:59.123Z\",\"Event\":\"FIRMWARE_REQUESTED\",\"Detail\":\"\"}]}}");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
                                          QueryDeviceDetail | GmtOnline | Mon, 23-Nov-2026 14:38:59 GMT
                                          QueryDeviceDetail | FirmwareVersion | 1.0.0
                                          QueryDeviceDetail | DeviceSecret | secret-of-device-1
                                          QueryDeviceInfo   | Nickname | hall
                                          GetDeviceStatus   | Status | ONLINE
                                          """)
  void aDeviceIsNamedByItsIotIdOrByProductAndName(String action, String field, String value) {
    var iotId = IotId.of(PRODUCT, COMMAND).value();

    for (var named : List.of(Map.of("IotId", iotId, "ProductKey", "a1otherothe", "DeviceName", "others"),
        Map.of("ProductKey", PRODUCT.value(), "DeviceName", "device-1"))) {
      assertThat(json(call(action, new HashMap<>(named)))).contains("\"" + field + "\":\"" + value + "\"");
    }
    assertThatThrownBy(() -> call(action, Map.of("DeviceName", "device-1")))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo("MissingProductKey"));
    assertThatThrownBy(() -> call(action, Map.of("IotId", "none")))
        .isInstanceOfSatisfying(ApiException.class,
            e -> assertThat(e.code()).isEqualTo("iot.device.NotExistedDevice"));
  }

  @Test
  void tasksAreConfirmedFirmwareByFirmwareEachUnderItsOwnCommand() {
    var other = JobId.of(FirmwareId.of(CommandId.of("k", "other")), COMMAND);

    call("ConfirmOTATask", Map.of("TaskId.1", TaskId.of(JOB, 0).value(), "TaskId.2", TaskId.of(other, 3).value(),
        "TaskId.3", TaskId.of(JOB, 1).value()));

    assertThat(sent).containsExactlyInAnyOrder(
        new Command.ConfirmTasks(ACCOUNT, FIRMWARE, List.of(TaskId.of(JOB, 0), TaskId.of(JOB, 1))),
        new Command.ConfirmTasks(ACCOUNT, other.firmwareId(), List.of(TaskId.of(other, 3))));
    assertThat(CALLER.part("a").command()).isEqualTo(CALLER.part("a").command()).isNotEqualTo(
        CALLER.part("b").command()).isNotEqualTo(COMMAND);
  }

  @Test
  void aJobsTasksAreCancelledByTheirStateAndWhatHasEndedStays() {
    // The known task has failed.
    call("CancelOTATaskByJob", Map.of("JobId", JOB.value(), "CancelQueuedTask", "true"));
    assertThat(sent).isEmpty();
    assertThatThrownBy(() -> call("CancelOTATaskByJob", Map.of("JobId", JOB.value())))
        .isInstanceOf(ApiException.class).hasMessageContaining("at least one of CancelScheduledTask");
    assertThatThrownBy(() -> call("CancelOTATaskByDevice", Map.of("FirmwareId", FIRMWARE.value(), "ProductKey",
        PRODUCT.value(), "DeviceName.1", "device-1"))).hasMessageContaining("iot.ota.NoOpenTask");
    assertThatThrownBy(() -> call("CancelOTATaskByDevice", Map.of("FirmwareId", FIRMWARE.value(), "ProductKey",
        PRODUCT.value(), "DeviceName.1", "nobody"))).hasMessageContaining("iot.device.NotExistedDevice");
  }

  @Test
  void onlyVerifiedFirmwareComesUpToTheUpgrade() {
    var parameters = Map.of("FirmwareId", FIRMWARE.value(), "ProductKey", PRODUCT.value(), "TargetSelection", "ALL");

    assertThatThrownBy(() -> call("CreateOTAStaticUpgradeJob", parameters))
        .hasMessageContaining("iot.ota.FirmwareNotVerified").hasMessageContaining("with Status 2");
    assertThatThrownBy(() -> call("CreateOTADynamicUpgradeJob", parameters))
        .hasMessageContaining("iot.ota.FirmwareNotVerified");
    var specific = new HashMap<>(parameters);
    specific.put("TargetSelection", "SPECIFIC");
    assertThatThrownBy(() -> call("CreateOTAStaticUpgradeJob", specific))
        .hasMessageContaining("iot.device.NoneDeviceNameElement");
    specific.put("TargetDeviceName.1", "nobody");
    assertThatThrownBy(() -> call("CreateOTAStaticUpgradeJob", specific))
        .hasMessageContaining("iot.device.NotExistedDevice");
    assertThat(sent).isEmpty();
  }

  @Test
  void aSecretThatIsRefusedIsNotShown() {
    assertThatThrownBy(() -> call("ImportDevice", Map.of("ProductKey", PRODUCT.value(), "DeviceName", "device-1",
        "DeviceSecret", "my secret"))).hasMessageContaining("DeviceSecret: (not shown)")
        .hasMessageNotContaining("my secret");
  }

  @Test
  void everyOperationDeclaresEachParameterOnceAndSaysWhatItExpects() {
    assertThat(operations.all()).hasSize(45).allSatisfy((action, operation) -> {
      assertThat(operation.parameters()).extracting(Parameter::name).doesNotHaveDuplicates();
      assertThat(operation.parameters()).extracting(Parameter::expected).allMatch(expected -> !expected.isBlank());
      assertThat(operation.codes()).doesNotHaveDuplicates();
      assertThat(operation.parameters()).extracting(Parameter::name).noneMatch(operation.ignored()::contains);
    });
  }

  @Test
  void aWebhookIsAnsweredWithItsSecretAtItsCreationOnly() {
    var created = json(call("CreateOTAWebhook", good("CreateOTAWebhook")));
    var listed = json(call("ListOTAWebhook", Map.of()));

    assertThat(created).isEqualTo("{\"Data\":{\"WebhookId\":\"" + WebhookId.of(COMMAND) + "\",\"Url\":\"" + URL
        + "\",\"EventTypes\":{\"EventType\":[\"dev.otaverify.firmware.verified.v1\"]},\"Enabled\":true,"
        + "\"WaitingCount\":2,\"UtcWaitingSince\":\"2026-11-23T14:38:59.123Z\",\"ExpiredCount\":1,"
        + "\"UtcCreate\":\"2026-11-23T14:38:59.123Z\",\"UtcModified\":\"2026-11-23T14:38:59.123Z\","
        + "\"Secret\":\"whsec_1\"}}");
    assertThat(listed).doesNotContain("whsec").contains("\"EventType\":[\"*\"]");
  }

  private static Map<String, String> good(String action) {
    return new HashMap<>(GOOD.getOrDefault(action, Map.of()));
  }

  private Fields call(String action, Map<String, String> parameters) {
    var operation = operations.find(action).orElseThrow();
    return Objects.requireNonNull(operation.call(Arguments.of(operation.parameters(), parameters), CALLER).block());
  }

  private static String json(Fields fields) {
    return new String(new Answer(200, "A", fields).write(Format.JSON), StandardCharsets.UTF_8);
  }
}
