// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.localstack.TraceReceiver.Span;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job is one trace, from the call that created it to its verdict, through all that has no call stack. */
class TracesIT {
  private static final Map<String, String> EXPORT = Map.of("management.opentelemetry.tracing.export.schedule-delay",
      "200ms");
  private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";
  private static final String TYPE = "cloudevents.event_type";

  @TempDir
  static Path state;

  private static TraceReceiver receiver;
  private static Settings settings;
  private static LocalStack stack;

  @BeforeAll
  static void aStackThatExportsItsTraces() throws IOException {
    receiver = TraceReceiver.start();
    System.setProperty(ENDPOINT, receiver.endpoint());
    EXPORT.forEach(System::setProperty);
    settings = Settings.openOrMake(state, Settings.Ports.FREE, Duration.ofSeconds(1));
    SharedStack.stop();
    stack = LocalStack.start(settings);
  }

  @AfterAll
  static void stopsAsAWhole() {
    System.clearProperty(ENDPOINT);
    EXPORT.keySet().forEach(System::clearProperty);
    stack.close();
    receiver.close();
  }

  @Test
  void aJobIsOneTraceFromTheCallToTheVerdict() throws IOException {
    var verification = Verification.of(new ApiClient(URI.create(settings.url(Part.API_GATEWAY)), settings.accessKeyId(),
        settings.accessKeySecret()), "traced", "a firmware".getBytes(StandardCharsets.UTF_8));
    var secret = verification.device("device-01");
    String job;
    try (var device = SimulatedDevice
        .builder("127.0.0.1", settings.port(Part.MQTT_BROKER), verification.product(), "device-01", secret)
        .version(Verification.SOURCE).start()) {
      device.informed().join();
      job = verification.begin("device-01", 60);
      assertThat(verification.awaitVerdict()).isEqualTo(1);
    }

    var call = await().until(() -> named("CreateOTAVerifyJob"), found -> found.size() == 1).getFirst();
    await().untilAsserted(() -> assertThat(of(call.traceId())).anySatisfy(span -> {
      assertThat(span.service()).isEqualTo("status-aggregator");
      assertThat(span.attributes()).containsEntry(TYPE, "dev.otaverify.firmware.verified.v1");
    }).anySatisfy(span -> {
      assertThat(span.service()).isEqualTo("job-service");
      assertThat(span.attributes()).containsEntry(TYPE, "dev.otaverify.command.conclude-verification.v1");
    }));
    var trace = of(call.traceId());

    // One call of the client, and everything else hangs on it.
    assertThat(trace).filteredOn(span -> span.parentId().isEmpty()).containsExactly(call);
    assertThat(call.service()).isEqualTo("api-gateway");
    assertThat(call.kind()).isEqualTo("SERVER");
    assertThat(trace).noneMatch(Span::failed);
    assertThat(trace).extracting(span -> span.service() + " " + span.name()).contains(
        "api-gateway CreateOTAVerifyJob", "api-gateway send ota.commands", "job-service process ota.commands",
        "job-service send ota.firmware.events", "job-service send ota.device.inputs", "job-service send ota.replies",
        "device-dispatcher process ota.device.inputs", "device-dispatcher publish push",
        "device-dispatcher send ota.firmware.events", "status-aggregator process ota.firmware.events",
        "status-aggregator send ota.commands", "status-aggregator send ota.firmware.events");
    assertThat(trace).filteredOn(span -> span.name().equals("send ota.commands")
        && span.service().equals("api-gateway")).first()
        .satisfies(span -> assertThat(span.attributes()).containsEntry("ota.job.id", job));
    assertThat(trace).filteredOn(span -> span.name().equals("publish push")).first()
        .satisfies(span -> assertThat(span.attributes()).containsEntry("messaging.system", "mqtt")
            .containsEntry("messaging.destination.name",
                "/ota/device/upgrade/" + verification.product() + "/device-01"));

    var verified = trace.stream().filter(span -> span.service().equals("status-aggregator")
        && "dev.otaverify.firmware.verified.v1".equals(span.attributes().get(TYPE))
        && span.kind().equals("CONSUMER")).findFirst().orElseThrow();
    // The way from the verdict back to the call, over the task's assignment and the device's report.
    assertThat(wayTo(verified, trace)).containsExactly("api-gateway CreateOTAVerifyJob",
        "api-gateway send dev.otaverify.command.create-verify-job.v1",
        "job-service process dev.otaverify.command.create-verify-job.v1",
        "job-service send dev.otaverify.device.assign-task.v1",
        "device-dispatcher process dev.otaverify.device.assign-task.v1",
        "device-dispatcher process dev.otaverify.device.version-reported.v1",
        "device-dispatcher send dev.otaverify.task.succeeded.v1",
        "status-aggregator process dev.otaverify.task.succeeded.v1",
        "status-aggregator send dev.otaverify.firmware.verified.v1",
        "status-aggregator process dev.otaverify.firmware.verified.v1");

    // And the logs name it.
    var log = Files.readString(Path.of(System.getProperty("ota.log")));
    assertThat(log.lines().filter(line -> line.contains("jobId=\"" + job + "\"")).toList()).hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("trace.id=\"" + call.traceId() + "\""))
        .anySatisfy(line -> assertThat(line).contains("verify job created"))
        .anySatisfy(line -> assertThat(line).contains("verification concluded").contains("verdict=\"VERIFIED\""));
  }

  private static List<String> wayTo(Span end, List<Span> trace) {
    var byId = trace.stream().collect(Collectors.toMap(Span::id, span -> span));
    var way = new ArrayList<String>();
    for (Span span = end; span != null; span = byId.get(span.parentId())) {
      var type = span.attributes().get(TYPE);
      way.addFirst(span.service() + " " + (type == null ? span.name() : span.name().split(" ", 2)[0] + " " + type));
    }
    return way;
  }

  private static List<Span> named(String name) {
    return receiver.spans().stream().filter(span -> span.name().equals(name)).toList();
  }

  private static List<Span> of(String traceId) {
    return receiver.spans().stream().filter(span -> span.traceId().equals(traceId)).toList();
  }
}
