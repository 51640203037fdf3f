// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.simulator.Behaviour;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
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

  private final OtaCalls calls;
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
      return device < failing ? Behaviour.FAIL_4 : device < failing + silent ? Behaviour.SILENT : Behaviour.SUCCEED;
    }
  }

  Demo(ApiClient api, String mqttHost, int mqttPort, Plan plan, PrintStream out) {
    this.calls = new OtaCalls(api);
    this.mqttHost = mqttHost;
    this.mqttPort = mqttPort;
    this.plan = plan;
    this.out = out;
  }

  /** Runs it all, and says whether the firmware is verified at the end. */
  boolean run() throws InterruptedException {
    var suffix = Long.toString(System.currentTimeMillis(), 36);
    var productKey = calls.createProduct("thermostat_" + suffix);
    var secrets = new LinkedHashMap<String, String>();
    for (int i = 0; i < plan.devices(); i++) {
      var name = "device-%02d".formatted(i + 1);
      secrets.put(name, calls.call("RegisterDevice", Map.of("ProductKey", productKey, "DeviceName", name)).path("Data")
          .path("DeviceSecret").asString());
    }
    out.println("Product " + productKey + " with " + plan.devices() + " devices registered");

    var file = new byte[FILE_SIZE];
    new Random(42).nextBytes(file);
    var firmwareId = calls.createFirmware(productKey, "firmware_" + suffix, TO, calls.upload(file));
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

      var jobId = calls.createVerifyJob(productKey, firmwareId, devices.keySet(), plan.timeoutUnits());
      out.println("CreateOTAVerifyJob: job " + jobId);

      var firmware = watch(jobId, firmwareId);
      table(calls.tasks(jobId), devices);
      return verdict(firmware);
    } finally {
      devices.values().forEach(SimulatedDevice::close);
    }
  }

  private JsonNode watch(String jobId, String firmwareId) throws InterruptedException {
    var view = new ProgressView(out, plan.terminal());
    while (true) {
      var firmware = calls.firmware(firmwareId);
      view.show(calls.tasks(jobId));
      if (firmware.path("Status").asInt() != OtaCalls.VERIFYING) {
        return firmware;
      }
      Thread.sleep(200);
    }
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
        status == OtaCalls.VERIFIED ? "verified" : "verification failed", firmware.path("VerifyProgress").asInt());
    return status == OtaCalls.VERIFIED;
  }
}
