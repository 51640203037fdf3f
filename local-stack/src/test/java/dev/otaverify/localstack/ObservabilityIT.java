// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.otaverify.contracts.Wire;
import dev.otaverify.localinfra.FreePorts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What operators see of a running stack: the metrics that docs/OBSERVABILITY.md promises, and that each panel of the dashboard
 * and each alert asks for series that exist. An alert about a series that nobody writes would never fire.
 */
class ObservabilityIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final List<Part> MANAGED = Stream.of(Part.values()).filter(Part::isManaged).toList();
  private static final Pattern TYPE = Pattern.compile("# TYPE (ota_\\w+) (\\w+)");
  private static final Pattern SAMPLE = Pattern.compile("(ota_\\w+?)(\\{.*\\})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");
  private static final Pattern ROW = Pattern
      .compile("\\| `(ota_\\w+)` \\| (\\w+) \\|([^|]*)\\| ([^|]+) \\| [^|]+ \\|");

  private static final Set<String> NONE = Set.of();

  @TempDir
  static Path state;

  private static Settings settings;
  private static LocalStack stack;

  @BeforeAll
  static void aStackThatHasVerifiedAFirmwareInVain() throws InterruptedException {
    settings = Settings.openOrMake(state, Settings.Ports.FREE, Duration.ofSeconds(1));
    SharedStack.stop();
    stack = LocalStack.start(settings);
    var output = new ByteArrayOutputStream();
    boolean verified = new Demo(ApiClient.of(settings), "127.0.0.1", settings.port(Part.MQTT_BROKER),
        new Demo.Plan(3, 1, 0, 120, false), new PrintStream(output, true, StandardCharsets.UTF_8)).run();
    assertThat(verified).as(output.toString(StandardCharsets.UTF_8)).isFalse();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void theTableOfMetricsIsWhatTheStackExposes() {
    var promised = new TreeSet<String>();
    for (var line : Observability.read(Observability.ROOT.resolve("docs/OBSERVABILITY.md")).lines().toList()) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        promised.add(shown(row.group(1), row.group(2), words(row.group(3)),
            row.group(4).strip().equals("all") ? MANAGED.stream().map(Part::id).toList() : words(row.group(4))));
      }
    }

    // What is asked of Kafka or the database every few seconds is there a little later.
    await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(exposed()).isEqualTo(promised));
  }

  @Test
  void eachMetricOfOursSaysWhatItMeans() {
    for (var part : MANAGED) {
      var metrics = metrics(part);
      assertThat(TYPE.matcher(metrics).results().map(type -> type.group(1)))
          .allSatisfy(name -> assertThat(metrics).containsPattern("# HELP " + name + " [A-Z]\\w*"));
      assertThat(metrics.lines().filter(line -> line.startsWith("ota_") && line.endsWith("NaN"))).as(part.id())
          .isEmpty();
    }
  }

  @Test
  void whatAVerificationLeavesBehindIsCounted() {
    await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(metrics(Part.STATUS_AGGREGATOR))
        .contains("ota_verification_duration_seconds_count{verdict=\"failed\"} 1", "ota_jobs_open 0.0")
        .containsPattern("ota_unit_partitions\\{state=\"working\",topic=\"ota.firmware.events\"} 12"));
    assertThat(metrics(Part.DEVICE_DISPATCHER)).contains("ota_tasks_ended_total{outcome=\"succeeded\"} 2.0",
        "ota_tasks_ended_total{outcome=\"burn_failed\"} 1.0", "ota_push_to_start_seconds_count");
    assertThat(metrics(Part.API_GATEWAY))
        .contains("ota_gateway_calls_seconds_count{action=\"CreateOTAVerifyJob\",outcome=\"ok\"} 1");
    assertThat(metrics(Part.MQTT_BROKER)).containsPattern("ota_broker_logins_total\\{outcome=\"accepted\"} [3-9]");
  }

  @Test
  void eachPartSaysWhetherItIsReadyAndAliveAndWhichBuildItIs() {
    for (var part : MANAGED) {
      await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(metrics(part)).as(part.id())
          .contains("\nota_ready 1.0").containsPattern("ota_build_info\\{commit=\"\\w+\",version=\"\\d[^\"]+\"} 1"));
      var port = part == Part.MQTT_BROKER ? settings.managementPort(part) : settings.port(part);
      assertThat(get(port, "/readyz").statusCode()).as(part.id()).isEqualTo(200);
      assertThat(get(port, "/livez").statusCode()).as(part.id()).isEqualTo(200);
      if (part != Part.MQTT_BROKER) {
        assertThat(get(settings.managementPort(part), "/actuator/info").body()).as(part.id())
            .contains("\"version\":\"");
      }
    }
  }

  @Test
  void theGatewaysOwnPortTellsClientsNothingOfWhatOperatorsSee() {
    assertThat(Stream.of("", "/health", "/info", "/prometheus", "/metrics", "/env").map(path -> "/actuator" + path)
        .map(path -> get(settings.port(Part.API_GATEWAY), path).statusCode()).distinct()).containsExactly(404);
    assertThat(get(settings.managementPort(Part.API_GATEWAY), "/actuator/prometheus").statusCode()).isEqualTo(200);
    assertThat(get(settings.managementPort(Part.API_GATEWAY), "/actuator/env").statusCode()).isEqualTo(404);
  }

  @Test
  void eachPanelAndEachAlertFindsItsSeries() throws Exception {
    var program = Observability.installed("prometheus");
    assumeTrue(program.isPresent());
    int port = FreePorts.choose();
    var prometheus = new ProcessBuilder(program.orElseThrow().toString(), "--config.file=" + configuration(),
        "--storage.tsdb.path=" + state.resolve("prometheus-data"), "--web.listen-address=127.0.0.1:" + port,
        "--log.level=warn").redirectErrorStream(true).redirectOutput(state.resolve("prometheus.log").toFile()).start();
    try {
      await().atMost(Duration.ofSeconds(60)).ignoreExceptions()
          .until(() -> samples(port, "up == 1").size() == MANAGED.size());
      var asked = new LinkedHashMap<String, String>();
      Observability.panels().forEach(
          panel -> asked.put(panel.getValue().replace("$__rate_interval", "1m"), "panel " + panel.getKey()));
      for (var alert : Observability.alerts()) {
        assertThat(query(port, alert.expression()).path("status").asString()).as(alert.name()).isEqualTo("success");
        Observability.selectors(alert.expression()).forEach(selector -> asked.put(selector, "alert " + alert.name()));
      }
      assertThat(asked).hasSizeGreaterThan(80);
      // A rate needs two scrapes.
      await().atMost(Duration.ofSeconds(30)).until(() -> {
        asked.keySet().removeIf(expression -> !samples(port, expression).isEmpty());
        return asked;
      }, Map::isEmpty);
    } finally {
      prometheus.destroy();
      if (!prometheus.waitFor(10, TimeUnit.SECONDS)) {
        prometheus.destroyForcibly();
      }
    }
  }

  /** The configuration of the deployment, with this stack's addresses and without its patience. */
  private static Path configuration() throws IOException {
    var configuration = (ObjectNode) Observability.yaml(Observability.PROMETHEUS.resolve("prometheus.yml"));
    configuration.putObject("global").put("scrape_interval", "1s").put("evaluation_interval", "1s");
    for (var job : configuration.path("scrape_configs")) {
      assertThat(((ObjectNode) job).remove("dns_sd_configs")).isNotNull();
      ((ObjectNode) job).putArray("static_configs").addObject().putArray("targets")
          .add("127.0.0.1:" + settings.managementPort(Part.of(job.path("job_name").asString())));
    }
    Files.copy(Observability.PROMETHEUS.resolve("alerts.yml"), state.resolve("alerts.yml"));
    // JSON is YAML.
    return Files.writeString(state.resolve("prometheus.yml"), configuration.toString());
  }

  private static JsonNode query(int port, String expression) {
    return Wire.JSON
        .readTree(get(port, "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8)).body());
  }

  private static List<JsonNode> samples(int port, String expression) {
    return query(port, expression).path("data").path("result").valueStream().toList();
  }

  /** Each metric of ours: name, type, labels, and who has it. */
  private static Set<String> exposed() {
    var types = new TreeMap<String, String>();
    var labels = new TreeMap<String, Set<String>>();
    var parts = new TreeMap<String, Set<String>>();
    for (var part : MANAGED) {
      for (var line : metrics(part).lines().toList()) {
        var type = TYPE.matcher(line);
        if (type.matches()) {
          types.put(type.group(1), type.group(2));
          parts.computeIfAbsent(type.group(1), name -> new TreeSet<>()).add(part.id());
        }
        var sample = SAMPLE.matcher(line);
        if (sample.matches()) {
          var name = sample.group(1).replaceFirst("_(bucket|count|sum)$", "");
          var found = labels.computeIfAbsent(types.containsKey(name) ? name : sample.group(1), any -> new TreeSet<>());
          LABEL.matcher(sample.group(2) == null ? "" : sample.group(2)).results().map(label -> label.group(1))
              .filter(label -> !label.equals("le")).forEach(found::add);
        }
      }
    }
    var exposed = new TreeSet<String>();
    types.forEach((name, type) -> {
      // The longest of the last minutes stands beside each histogram.
      if (!name.endsWith("_max") || !"histogram".equals(types.get(name.replaceFirst("_max$", "")))) {
        exposed.add(shown(name, type, labels.getOrDefault(name, NONE), parts.getOrDefault(name, NONE)));
      }
    });
    return exposed;
  }

  private static String shown(String name, String type, Collection<String> labels, Collection<String> parts) {
    return name + " " + type + " of " + new TreeSet<>(labels) + " in " + new TreeSet<>(parts);
  }

  private static List<String> words(String cell) {
    return Arrays.stream(cell.replace("`", "").split(",")).map(String::strip).filter(word -> !word.isEmpty()).sorted()
        .toList();
  }

  private static String metrics(Part part) {
    return get(settings.managementPort(part), "/actuator/prometheus").body();
  }

  private static HttpResponse<String> get(int port, String path) {
    try {
      return HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
