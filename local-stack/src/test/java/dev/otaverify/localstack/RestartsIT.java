// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Wire;
import dev.otaverify.gateway.ApiGatewayApplication;
import dev.otaverify.localinfra.FreePorts;
import dev.otaverify.simulator.SimulatedDevice;
import dev.otaverify.testinfra.Balancer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Parts as processes: stopped and started again under load, and started in the wrong order. */
@ExtendWith(SharedStack.class)
class RestartsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int CALLERS = 6;
  private static final List<Part> OURS = List.of(Part.API_GATEWAY, Part.DEVICE_DISPATCHER, Part.MQTT_BROKER,
      Part.STATUS_AGGREGATOR, Part.JOB_SERVICE);

  @TempDir
  Path directory;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void stops() throws InterruptedException {
    started.forEach(Process::destroy);
    for (var process : started) {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void noCallFailsWhileOneGatewayAfterTheOtherIsStoppedAndStartedAgain(Settings settings) throws Exception {
    var ports = List.of(FreePorts.choose(), FreePorts.choose());
    var gateways = new ArrayList<>(List.of(gateway(settings, ports.get(0)), gateway(settings, ports.get(1))));
    try (var balancer = new Balancer(ports); var load = new Load(settings, balancer.proxy().port())) {
      await().atMost(PATIENCE).until(() -> balancer.ready().size() == 2);
      load.begin();
      for (int i = 0; i < 2; i++) {
        load.awaitMore(100);

        gateways.get(i).destroy();
        assertThat(gateways.get(i).waitFor(30, TimeUnit.SECONDS)).isTrue();
        load.awaitMore(100);
        gateways.set(i, gateway(settings, ports.get(i)));
        await().atMost(PATIENCE).until(() -> balancer.ready().size() == 2);
      }
      load.awaitMore(100);
      load.end();

      assertThat(load.failures).isEmpty();
    }
  }

  @Test
  void whatIsStartedBeforeWhatItNeedsWaitsAliveAndComesUpByItself() throws Exception {
    var settings = Settings.openOrMake(directory, Settings.Ports.FREE, Duration.ofSeconds(1));
    for (var part : OURS) {
      run(part);
    }
    for (var part : OURS) {
      await().atMost(PATIENCE).ignoreExceptions().until(() -> status(settings, part, "/livez") == 200);
      assertThat(status(settings, part, "/readyz")).as(part.id()).isEqualTo(503);
    }
    var below = List.of(run(Part.KAFKA), run(Part.POSTGRES));
    allAre(200, settings);

    // And the same when what they need goes and comes again.
    for (var process : below) {
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    allAre(503, settings);
    started.removeAll(below);
    run(Part.POSTGRES);
    run(Part.KAFKA);
    allAre(200, settings);
    assertThat(started).allMatch(Process::isAlive);

    var verification = Verification.of(ApiClient.of(settings), "wrong_order",
        "a firmware".getBytes(StandardCharsets.UTF_8));
    try (var device = SimulatedDevice.builder("127.0.0.1", settings.port(Part.MQTT_BROKER), verification.product(),
        "device-1", verification.device("device-1")).version(Verification.SOURCE).start()) {
      device.informed().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
      verification.begin("device-1", 60);
      assertThat(verification.awaitVerdict()).isEqualTo(1);
    }
  }

  private Process run(Part part) throws IOException {
    var process = StackProcess.start(directory, part.id(), Main.class, List.of("run", part.id()));
    started.add(process);
    return process;
  }

  private static void allAre(int readiness, Settings settings) {
    for (var part : OURS) {
      await().atMost(PATIENCE).untilAsserted(() -> {
        assertThat(status(settings, part, "/readyz")).as(part.id()).isEqualTo(readiness);
        assertThat(status(settings, part, "/livez")).as(part.id()).isEqualTo(200);
      });
    }
  }

  private static int status(Settings settings, Part part, String path) throws IOException, InterruptedException {
    int port = part == Part.MQTT_BROKER ? settings.managementPort(part) : settings.port(part);
    try (var http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
          .timeout(Duration.ofSeconds(10)).build(), BodyHandlers.discarding()).statusCode();
    }
  }

  /** Another one for the stack, as it is deployed: it goes on answering for a while when it is stopped. */
  private Process gateway(Settings settings, int port) throws IOException {
    var arguments = new LinkedHashMap<String, String>();
    Stream.of(Part.API_GATEWAY.arguments(settings)).map(argument -> argument.split("=", 2))
        .forEach(argument -> arguments.put(argument[0], argument[1]));
    arguments.remove("--spring.main.register-shutdown-hook");
    arguments.putAll(Map.of("--server.port", String.valueOf(port), "--management.server.port", "0",
        "--ota.drain", "2s", "--ota.gateway.master-key", settings.masterKey(), "--ota.gateway.job-service-url",
        settings.url(Part.JOB_SERVICE), "--ota.gateway.aggregator-url", settings.url(Part.STATUS_AGGREGATOR),
        "--ota.files.directory", directory.resolve("files").toString(), "--ota.files.signing-key",
        settings.signingKey(), "--ota.gateway.quotas.others", "0"));
    // What is asked here is what a stop does to calls, not how fast a busy machine answers them.
    arguments.putAll(Map.of("--ota.gateway.account-timeout", "10s", "--spring.r2dbc.pool.max-acquire-time", "10s",
        "--ota.gateway.query-timeout", "20s", "--ota.gateway.reply-timeout", "20s"));
    var process = StackProcess.start(directory, "gateway-" + port, ApiGatewayApplication.class,
        arguments.entrySet().stream().map(argument -> argument.getKey() + "=" + argument.getValue()).toList());
    started.add(process);
    return process;
  }

  /** Callers that create and ask, over and over, and try nothing twice. */
  private static final class Load implements AutoCloseable {
    final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final ApiClient api;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicInteger answered = new AtomicInteger();
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

    Load(Settings settings, int port) {
      api = new ApiClient(URI.create("http://127.0.0.1:" + port), settings.accessKeyId(), settings.accessKeySecret());
    }

    void begin() {
      for (int i = 0; i < CALLERS; i++) {
        var unused = callers.submit(() -> {
          while (!ended.get()) {
            var name = "rolling_" + UUID.randomUUID().toString().substring(0, 8);
            var product = call("CreateProduct", Map.of("ProductName", name, "NodeType", "0"));
            call("QueryProduct", Map.of("ProductKey", product));
          }
        });
      }
    }

    private String call(String action, Map<String, String> parameters) {
      try {
        var answer = http.send(api.request(action, parameters), BodyHandlers.ofString()).body();
        var json = Wire.JSON.readTree(answer);
        if (!json.path("Success").asBoolean(false)) {
          failures.add(action + ": " + answer);
        }
        answered.incrementAndGet();
        return json.path("ProductKey").asString("");
      } catch (IOException | RuntimeException e) {
        failures.add(action + ": " + e);
        return "";
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    void awaitMore(int calls) {
      int before = answered.get();
      await().atMost(PATIENCE).until(() -> answered.get() >= before + calls || !failures.isEmpty());
    }

    void end() {
      ended.set(true);
      callers.close();
    }

    @Override
    public void close() {
      end();
      http.close();
    }
  }
}
