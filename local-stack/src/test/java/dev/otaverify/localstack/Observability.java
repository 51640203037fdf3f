// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;

/** The files that operators get: Prometheus' configuration and alerts, Grafana's dashboard. And Prometheus itself, if it is installed. */
final class Observability {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final Path PROMETHEUS = ROOT.resolve("deploy/observability/prometheus");
  private static final Path DASHBOARD = ROOT.resolve("deploy/observability/grafana/dashboards/otaverify.json");
  // Grouping names labels, and what is followed by a parenthesis is a function.
  private static final Pattern GROUPING = Pattern.compile("\\b(by|without|on|ignoring)\\s*\\([^)]*\\)");
  private static final Pattern SELECTOR = Pattern.compile("\\b([a-z][a-z0-9_]*+)(\\{[^}]*\\})?+(?!\\s*\\()");

  private Observability() {}

  /** An alert, as alerts.yml has it. */
  record Alert(String name, String expression, Map<String, String> labels, Map<String, String> annotations) {}

  /** What a program said. */
  record Result(int status, String output) {}

  static List<Alert> alerts() {
    return yaml(PROMETHEUS.resolve("alerts.yml")).path("groups").valueStream()
        .flatMap(group -> group.path("rules").valueStream())
        .map(rule -> new Alert(rule.path("alert").asString(), rule.path("expr").asString(), texts(rule.path("labels")),
            texts(rule.path("annotations"))))
        .toList();
  }

  private static Map<String, String> texts(JsonNode node) {
    var texts = new LinkedHashMap<String, String>();
    node.properties().forEach(property -> texts.put(property.getKey(), property.getValue().asString()));
    return texts;
  }

  static JsonNode yaml(Path file) {
    return Wire.JSON.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).load(read(file)));
  }

  /** The expressions of all panels of the dashboard, by the panel's title. */
  static List<Map.Entry<String, String>> panels() {
    return Wire.JSON.readTree(read(DASHBOARD)).path("panels").valueStream()
        .flatMap(panel -> panel.path("targets").valueStream()
            .map(target -> Map.entry(panel.path("title").asString(), target.path("expr").asString())))
        .toList();
  }

  /** The series that an expression asks for, such as {@code up{job="job-service"}}. */
  static List<String> selectors(String expression) {
    return SELECTOR.matcher(GROUPING.matcher(expression).replaceAll("")).results()
        .filter(found -> found.group(1).equals("up") || found.group(1).contains("_")).map(found -> found.group())
        .distinct().toList();
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a program of Prometheus is; empty, and one line says so, if it is not installed. */
  static Optional<Path> installed(String program) {
    var found = Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).map(Path::of)
        .map(directory -> directory.resolve(program)).filter(Files::isExecutable).findFirst();
    if (found.isEmpty()) {
      System.out.println(program + " is not installed: what needs it is not tested");
    }
    return found;
  }

  static Result run(Path directory, Path program, String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return new Result(process.waitFor(), output);
  }
}
