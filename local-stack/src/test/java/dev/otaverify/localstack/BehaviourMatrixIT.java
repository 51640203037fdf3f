// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.simulator.Behaviour;
import dev.otaverify.simulator.Happening;
import dev.otaverify.simulator.SimulatedDevice;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Whatever a device does, wherever it is, and however it is to hear of the firmware: the states and the reason that the
 * queries show in the end. Each case has a product, a device, a firmware and a job of its own; they run beside each other.
 */
@ExtendWith(SharedStack.class)
class BehaviourMatrixIT {
  private static final byte[] CONTENT = "a firmware\n".repeat(2_000).getBytes(StandardCharsets.UTF_8);
  private static final int BESIDE_EACH_OTHER = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(100);
  /** Seconds here: none of them may come to its end. */
  private static final int LONG = 120;
  private static final int SHORT = 20;

  private static Settings settings;
  private static final Map<Case, Future<Outcome>> OUTCOMES = new LinkedHashMap<>();

  /** Where the device is when the job is created: there; away, and staying so; away, and coming back. */
  enum Presence {
    ONLINE, OFFLINE, RECONNECTING
  }

  record Case(Behaviour behaviour, Presence presence, boolean needPush, boolean needConfirm) {
    boolean isTold() {
      return presence != Presence.OFFLINE;
    }

    /** TimeoutInMinutes, of which the time to start is the one that some cases wait for. */
    int timeout() {
      return isTold() && behaviour != Behaviour.SILENT ? LONG : SHORT;
    }

    @Override
    public String toString() {
      return "%s, %s, %s, %s".formatted(behaviour.id(), presence, needPush ? "pushed" : "asks",
          needConfirm ? "confirmed" : "at once");
    }
  }

  /** What the queries show; {@code states}: of the task, from its history. */
  record Outcome(int firmwareStatus, String jobStatus, String taskStatus, String description, List<String> states) {}

  static List<Case> cases() {
    var cases = new ArrayList<Case>();
    for (var behaviour : Behaviour.values()) {
      for (var presence : Presence.values()) {
        for (boolean needPush : List.of(true, false)) {
          for (boolean needConfirm : List.of(true, false)) {
            cases.add(new Case(behaviour, presence, needPush, needConfirm));
          }
        }
      }
    }
    return cases;
  }

  @BeforeAll
  static void runsThemAll(Settings shared) {
    settings = shared;
    try (var threads = Executors.newFixedThreadPool(BESIDE_EACH_OTHER)) {
      // Those that wait longest first.
      cases().stream().sorted(Comparator.comparingInt(Case::timeout))
          .forEach(one -> OUTCOMES.put(one, threads.submit(() -> run(one))));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theQueriesShowWhatTheDeviceDid(Case one) throws Exception {
    var outcome = Objects.requireNonNull(OUTCOMES.get(one)).get();

    var succeeds = reason(one).isEmpty();
    assertThat(outcome).isEqualTo(new Outcome(succeeds ? 1 : 3, "COMPLETED", succeeds ? "SUCCEEDED" : "FAILED",
        reason(one), states(one)));
  }

  private static String reason(Case one) throws Exception {
    if (!one.isTold()) {
      return startTimeout("it was never pushed: "
          + (one.needPush() ? "the device is offline" : "no push was asked for, and the device did not fetch it"));
    }
    var file = "MD5 %s of %d bytes".formatted(
        HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(CONTENT)), CONTENT.length);
    return switch (one.behaviour()) {
      case SUCCEED, SLOW, FLAPPING -> "";
      case SILENT -> startTimeout("the device was told once, last at TIME");
      case FAIL_1 -> "upgrade failed: device reported step -1";
      case FAIL_2 -> "download failed: device reported step -2";
      case FAIL_3, CORRUPT_DOWNLOAD -> "digest failed: expected " + file + ": device reported step -3";
      case FAIL_4 -> "burning failed: device reported step -4";
      case WRONG_VERSION ->
        "unexpected version: expected 2.0.0, got 2.0.0-wrong (upgrade from 1.0.0, last progress 100 %)";
    };
  }

  private static String startTimeout(String why) {
    return "start timeout: expected progress or version 2.0.0 by TIME (%d.0 s after the job was created), got neither; %s"
        .formatted(SHORT, why);
  }

  private static List<String> states(Case one) throws Exception {
    var states = new ArrayList<>(List.of(one.needConfirm() ? "CONFIRM" : "QUEUED"));
    if (one.needConfirm()) {
      states.add("QUEUED");
    }
    if (one.isTold()) {
      states.add("NOTIFIED");
    }
    if (one.isTold() && one.behaviour() != Behaviour.SILENT) {
      states.add("IN_PROGRESS");
    }
    states.add(reason(one).isEmpty() ? "SUCCEEDED" : "FAILED");
    return states;
  }

  private static Outcome run(Case one) {
    var api = ApiClient.of(settings);
    var verification = Verification.of(api, "case_" + cases().indexOf(one), CONTENT);
    var secret = verification.device("device-1");
    try (var device = SimulatedDevice
        .builder("127.0.0.1", settings.port(Part.MQTT_BROKER), verification.product(), "device-1", secret)
        .version(Verification.SOURCE).behaviour(one.behaviour()).pause(Duration.ofMillis(20))
        .slowness(Duration.ofSeconds(3)).start()) {
      device.informed().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
      if (one.presence() != Presence.ONLINE) {
        device.goOffline();
        await().atMost(PATIENCE).until(() -> verification.deviceStatus("device-1").equals("OFFLINE"));
      }
      var job = verification.begin("device-1", one.timeout(), Map.of("NeedPush", String.valueOf(one.needPush()),
          "NeedConfirm", String.valueOf(one.needConfirm())));
      if (one.needConfirm()) {
        var waiting = verification.task(job);
        assertThat(waiting.path("TaskStatus").asString()).isEqualTo("CONFIRM");
        api.call("ConfirmOTATask", Map.of("TaskId.1", waiting.path("TaskId").asString()));
      }
      if (one.presence() == Presence.RECONNECTING) {
        device.goOnline();
        await().atMost(PATIENCE).until(() -> count(device, Happening.Kind.INFORMED) > 1);
      }
      if (one.isTold() && !one.needPush()) {
        // As a real one does, again and again: the job may not have come to the dispatcher yet.
        await().pollInterval(Duration.ofMillis(200)).atMost(PATIENCE).until(() -> {
          device.requestFirmware();
          return count(device, Happening.Kind.PUSHED) > 0;
        });
      }
      return outcome(verification, job);
    }
  }

  private static Outcome outcome(Verification verification, String job) {
    var status = verification.awaitVerdict();
    var task = verification.task(job);
    return new Outcome(status, verification.jobStatus(job), task.path("TaskStatus").asString(),
        task.path("TaskDesc").asString("").replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME"),
        states(verification, task));
  }

  /** The states that the task was in, by its history. */
  private static List<String> states(Verification verification, JsonNode task) {
    var states = new ArrayList<String>();
    for (var entry : verification.history(task)) {
      var state = switch (entry.substring(0, entry.indexOf(' '))) {
        case "CREATED" -> entry.contains("waits for confirmation") ? "CONFIRM" : "QUEUED";
        case "CONFIRMED" -> "QUEUED";
        case "PROGRESSED" -> "IN_PROGRESS";
        case "NOTIFIED", "SUCCEEDED", "FAILED" -> entry.substring(0, entry.indexOf(' '));
        default -> "";
      };
      if (!state.isEmpty() && (states.isEmpty() || !states.getLast().equals(state))) {
        states.add(state);
      }
    }
    return states;
  }

  private static long count(SimulatedDevice device, Happening.Kind kind) {
    return device.happenings().stream().filter(happening -> happening.kind() == kind).count();
  }
}
