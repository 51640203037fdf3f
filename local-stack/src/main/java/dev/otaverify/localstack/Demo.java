// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.simulator.Behaviour;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.PrintStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * A verification from end to end, as a client and ten devices see it: everything goes through the API and over MQTT,
 * nothing is read behind their backs.
 */
final class Demo {
  private static final String FROM = "1.0.0";
  private static final String TO = "2.0.0";
  private static final int FILE_SIZE = 1 << 20;
  private static final int VERIFIED = 1;
  private static final int VERIFYING = 2;

  private final ApiClient api;
  private final String mqttHost;
  private final int mqttPort;
  private final Plan plan;
  private final PrintStream out;

  /**
   * What is to happen.
   *
   * @param failing devices that report a failure
   * @param silent devices that never react
   * @param timeoutUnits {@code TimeoutInMinutes} of the job, in the stack's minutes
   */
  record Plan(int devices, int failing, int silent, int timeoutUnits, boolean terminal) {
    Plan {
      if (devices < 1 || devices > 10) {
        throw new IllegalArgumentException("--devices: " + devices + " (expected: 1 to 10)");
      }
      if (failing < 0 || silent < 0 || failing + silent > devices) {
        throw new IllegalArgumentException("--failing and --silent: " + failing + " and " + silent
            + " (expected: together no more than the " + devices + " devices)");
      }
      if (timeoutUnits < 1 || timeoutUnits > 1440) {
        throw new IllegalArgumentException("--timeout: " + timeoutUnits + " units (expected: 1 to 1440)");
      }
    }

    Behaviour behaviour(int device) {
      return device < failing ? Behaviour.FAIL : device < failing + silent ? Behaviour.SILENT : Behaviour.SUCCEED;
    }
  }

  Demo(ApiClient api, String mqttHost, int mqttPort, Plan plan, PrintStream out) {
    this.api = api;
    this.mqttHost = mqttHost;
    this.mqttPort = mqttPort;
    this.plan = plan;
    this.out = out;
  }

  /** Runs it all, and says whether the firmware is verified at the end. */
  boolean run() throws InterruptedException {
    var suffix = Long.toString(System.currentTimeMillis(), 36);
    var productKey = api
        .call("CreateProduct", Map.of("ProductName", "thermostat_" + suffix, "NodeType", "0", "DataFormat", "1"))
        .path("ProductKey").asString();
    var secrets = new LinkedHashMap<String, String>();
    for (int i = 0; i < plan.devices(); i++) {
      var name = "device-%02d".formatted(i + 1);
      secrets.put(name, api.call("RegisterDevice", Map.of("ProductKey", productKey, "DeviceName", name)).path("Data")
          .path("DeviceSecret").asString());
    }
    out.println("Product " + productKey + " with " + plan.devices() + " devices registered");

    var file = new byte[FILE_SIZE];
    new Random(42).nextBytes(file);
    var form = api.call("GenerateOTAUploadURL", Map.of("FileSuffix", "bin")).path("Data");
    api.upload(form, file);
    var firmwareId = api.call("CreateOTAFirmware",
        Map.of("ProductKey", productKey, "FirmwareName", "firmware_" + suffix, "DestVersion", TO, "FirmwareUrl",
            form.path("FirmwareUrl").asString(), "FirmwareSize", Integer.toString(file.length), "SignMethod", "MD5",
            "FirmwareSign", md5(file)))
        .path("Data").path("FirmwareId").asString();
    out.println("Firmware " + firmwareId + ", version " + TO + ", " + file.length + " bytes uploaded");

    var devices = new LinkedHashMap<String, SimulatedDevice>();
    try {
      secrets.forEach((name, secret) -> devices.put(name,
          SimulatedDevice.builder(mqttHost, mqttPort, productKey, name, secret).version(FROM)
              .behaviour(plan.behaviour(devices.size())).start()));
      for (var device : devices.values()) {
        device.informed().orTimeout(30, TimeUnit.SECONDS).join();
      }
      out.println(devices.size() + " simulated devices connected, running " + FROM);

      var parameters = new LinkedHashMap<>(Map.of("ProductKey", productKey, "FirmwareId", firmwareId,
          "TimeoutInMinutes", Integer.toString(plan.timeoutUnits())));
      int number = 1;
      for (var name : devices.keySet()) {
        parameters.put("TargetDeviceName." + number++, name);
      }
      var jobId = api.call("CreateOTAVerifyJob", parameters).path("Data").path("JobId").asString();
      out.println("CreateOTAVerifyJob: job " + jobId);

      var firmware = watch(jobId, firmwareId);
      table(tasks(jobId), devices);
      return verdict(firmware);
    } finally {
      devices.values().forEach(SimulatedDevice::close);
    }
  }

  private JsonNode watch(String jobId, String firmwareId) throws InterruptedException {
    var view = new ProgressView(out, plan.terminal());
    while (true) {
      var firmware = api.call("QueryOTAFirmware", Map.of("FirmwareId", firmwareId)).path("FirmwareInfo");
      view.show(tasks(jobId));
      if (firmware.path("Status").asInt() != VERIFYING) {
        return firmware;
      }
      Thread.sleep(200);
    }
  }

  private List<JsonNode> tasks(String jobId) {
    var tasks = new ArrayList<JsonNode>();
    api.call("ListOTATaskByJob", Map.of("JobId", jobId, "CurrentPage", "1", "PageSize", "10")).path("Data")
        .path("SimpleOTATaskInfo").forEach(tasks::add);
    return tasks;
  }

  private void table(List<JsonNode> tasks, Map<String, SimulatedDevice> devices) {
    out.println();
    var row = "%-10s  %-7s  %-7s  %-11s  %8s  %s%n";
    out.printf(row, "DEVICE", "BEFORE", "AFTER", "STATE", "DURATION", "REASON");
    for (var task : tasks) {
      var name = task.path("DeviceName").asString();
      var device = devices.get(name);
      var duration = Duration.between(Instant.parse(task.path("UtcCreate").asString()),
          Instant.parse(task.path("UtcModified").asString()));
      out.printf(row, name, task.path("SrcVersion").asString("").isEmpty() ? FROM : task.path("SrcVersion").asString(),
          device == null ? "?" : device.version(), task.path("TaskStatus").asString(),
          "%.1f s".formatted(duration.toMillis() / 1000.0), task.path("TaskDesc").asString(""));
    }
    out.println();
  }

  private boolean verdict(JsonNode firmware) {
    int status = firmware.path("Status").asInt();
    out.printf("QueryOTAFirmware: Status %d (%s), VerifyProgress %d%n", status,
        status == VERIFIED ? "verified" : "verification failed", firmware.path("VerifyProgress").asInt());
    return status == VERIFIED;
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("MD5: missing (expected: in every Java)", impossible);
    }
  }
}
