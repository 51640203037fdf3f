// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The contract as files: the schemas of today, and under {@code contract/<version>} what each released version has
 * frozen. A frozen file is never edited; a release adds a directory with what is new in it.
 */
final class ContractFiles {
  private static final Path SCHEMAS = path("/dev/otaverify/contracts/schemas");
  private static final Path FROZEN = path("/contract");

  // In 2020-12 a format is a remark unless one asks for more.
  private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12,
      builder -> builder
          .schemaRegistryConfig(SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  private ContractFiles() {}

  /** A frozen message, as headers and payload stood in Kafka. */
  record Sample(Path file, Map<String, String> headers, JsonNode data) {
    String type() {
      return Objects.requireNonNull(headers.get("ce_type"));
    }

    boolean isMinimal() {
      return file.toString().endsWith(".minimal.json");
    }

    @Override
    public String toString() {
      return FROZEN.relativize(file).toString();
    }
  }

  /** The schemas of today by wire type. */
  static Map<String, JsonNode> schemas() {
    return schemasIn(SCHEMAS);
  }

  /** The schema of today for this payload. */
  static JsonNode schemaOf(Class<?> payload) {
    return schema(Wire.typeOf(payload));
  }

  /** The schema of today of this wire type. */
  static JsonNode schema(String type) {
    return Objects.requireNonNull(schemas().get(type), type);
  }

  /** The released versions whose contract is frozen. */
  static List<String> versions() {
    return list(FROZEN).map(directory -> directory.getFileName().toString()).toList();
  }

  /** The schemas of a released version by wire type. */
  static Map<String, JsonNode> frozenSchemas(String version) {
    return schemasIn(FROZEN.resolve(version).resolve("schemas"));
  }

  /** Topics, sources and error codes of a released version. */
  static JsonNode frozenNames(String version) {
    return read(FROZEN.resolve(version).resolve("names.json"));
  }

  /** The messages of all released versions. */
  static List<Sample> samples() {
    return versions().stream().flatMap(version -> list(FROZEN.resolve(version)))
        .filter(file -> file.getFileName().toString().startsWith("dev.otaverify."))
        .map(ContractFiles::sample).toList();
  }

  /** What of this payload is not as the schema of its type says; empty if it is valid. */
  static List<String> errors(String type, JsonNode data) {
    return errors(REGISTRY.getSchema(schema(type)), data);
  }

  /** What of this schema is not as the specification of JSON Schema says. */
  static List<String> errorsOfSchema(JsonNode schema) {
    var dialect = SpecificationVersion.DRAFT_2020_12.getDialectId();
    return errors(REGISTRY.getSchema(SchemaLocation.of(dialect)), schema);
  }

  private static List<String> errors(Schema schema, JsonNode data) {
    return schema.validate(data).stream().map(Object::toString).toList();
  }

  private static Sample sample(Path file) {
    var json = read(file);
    var headers = json.path("headers").properties().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, header -> header.getValue().stringValue()));
    return new Sample(file, headers, json.path("data"));
  }

  private static Map<String, JsonNode> schemasIn(Path directory) {
    var schemas = new TreeMap<String, JsonNode>();
    list(directory).forEach(file -> {
      var name = file.getFileName().toString();
      schemas.put(name.substring(0, name.length() - ".json".length()), read(file));
    });
    return schemas;
  }

  private static Stream<Path> list(Path directory) {
    try (var files = Files.list(directory)) {
      return files.sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode read(Path file) {
    return Wire.JSON.readTree(file);
  }

  private static Path path(String resource) {
    try {
      return Path.of(Objects.requireNonNull(ContractFiles.class.getResource(resource), resource).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
