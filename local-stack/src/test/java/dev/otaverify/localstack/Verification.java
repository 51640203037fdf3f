// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** A product with one firmware that is to be verified, by the API as a client calls it. */
final class Verification {
  static final String SOURCE = "1.0.0";
  static final String TARGET = "2.0.0";

  private final ApiClient api;
  private final String product;
  private final String firmware;

  private Verification(ApiClient api, String product, String firmware) {
    this.api = api;
    this.product = product;
    this.firmware = firmware;
  }

  /** @param name of the product and of the firmware */
  static Verification of(ApiClient api, String name, byte[] content) {
    return of(api, name, content, Map.of());
  }

  /** @param more parameters of CreateOTAFirmware; a module in them is added to the product */
  static Verification of(ApiClient api, String name, byte[] content, Map<String, String> more) {
    var product = api.call("CreateProduct", Map.of("ProductName", name, "NodeType", "0")).path("ProductKey").asString();
    if (more.containsKey("ModuleName")) {
      api.call("CreateOTAModule", Map.of("ProductKey", product, "ModuleName", more.getOrDefault("ModuleName", "")));
    }
    var form = api.call("GenerateOTAUploadURL", Map.of()).path("Data");
    api.upload(form, content);
    var parameters = new HashMap<>(Map.of("ProductKey", product, "FirmwareName", name, "DestVersion", TARGET,
        "FirmwareUrl", form.path("FirmwareUrl").asString()));
    parameters.putAll(more);
    var firmware = api.call("CreateOTAFirmware", parameters).path("Data").path("FirmwareId").asString();
    return new Verification(api, product, firmware);
  }

  String product() {
    return product;
  }

  /** Registers it. Returns its secret. */
  String device(String name) {
    return api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", name)).path("Data")
        .path("DeviceSecret").asString();
  }

  /** Begins to verify it on this device. Returns the job's id. */
  String begin(String device, int timeout) {
    return begin(device, timeout, Map.of());
  }

  /** @param more parameters of CreateOTAVerifyJob */
  String begin(String device, int timeout, Map<String, String> more) {
    var parameters = new HashMap<>(Map.of("ProductKey", product, "FirmwareId", firmware, "TargetDeviceName.1", device,
        "TimeoutInMinutes", String.valueOf(timeout)));
    parameters.putAll(more);
    return api.call("CreateOTAVerifyJob", parameters).path("Data").path("JobId").asString();
  }

  /** {@code Status} of the firmware, once it is that of a verdict. */
  int awaitVerdict() {
    return Awaitility.await().pollInterval(Duration.ofMillis(200)).atMost(Duration.ofSeconds(150))
        .until(this::firmwareStatus, status -> status == 1 || status == 3);
  }

  private int firmwareStatus() {
    return api.call("QueryOTAFirmware", Map.of("FirmwareId", firmware)).path("FirmwareInfo").path("Status").asInt();
  }

  /** The job's only task. */
  JsonNode task(String job) {
    return api.call("ListOTATaskByJob", Map.of("JobId", job)).path("Data").path("SimpleOTATaskInfo").path(0);
  }

  /** {@code TaskStatus} of the job's task for this device. */
  String taskStatus(String job, String device) {
    return api.call("ListOTATaskByJob", Map.of("JobId", job)).path("Data").path("SimpleOTATaskInfo").valueStream()
        .filter(task -> task.path("DeviceName").asString().equals(device)).findFirst().orElseThrow().path("TaskStatus")
        .asString();
  }

  /** The job's only task, once the firmware has its verdict. */
  JsonNode taskAfterVerdict(String job, int expectedStatus) {
    int status = awaitVerdict();
    var task = task(job);
    assertThat(status).as(task.toString()).isEqualTo(expectedStatus);
    return task;
  }

  String jobStatus(String job) {
    return api.call("QueryOTAJob", Map.of("JobId", job)).path("Data").path("JobStatus").asString();
  }

  String deviceStatus(String device) {
    return api.call("GetDeviceStatus", Map.of("ProductKey", product, "DeviceName", device)).path("Data").path("Status")
        .asString();
  }

  /** What happened to a task, as event and detail. */
  List<String> history(JsonNode task) {
    return api.call("ListOTATaskHistory", Map.of("TaskId", task.path("TaskId").asString())).path("Data")
        .path("OTATaskHistoryEntry").valueStream()
        .map(entry -> entry.path("Event").asString() + " " + entry.path("Detail").asString()).toList();
  }
}
