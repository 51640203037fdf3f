// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The AsyncAPI document, and its schemas as a reader of it would apply them. */
final class AsyncApi {
  private static final String RESOURCE = "dev/otaverify/contracts/asyncapi.yaml";
  private static final JsonNode DOCUMENT = read();
  private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12,
      builder -> builder
          .schemaRegistryConfig(SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  private AsyncApi() {}

  /** The channels by address, that is topic. */
  static Map<String, JsonNode> channels() {
    return DOCUMENT.path("channels").valueStream()
        .collect(Collectors.toMap(channel -> channel.path("address").stringValue(), channel -> channel));
  }

  /** The channel of this topic. */
  static JsonNode channel(String topic) {
    return Objects.requireNonNull(channels().get(topic), topic);
  }

  static JsonNode operations() {
    return DOCUMENT.path("operations");
  }

  /** All messages by their keys in the document. */
  static Map<String, JsonNode> messages() {
    return DOCUMENT.path("components").path("messages").properties().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** The message of this wire type. */
  static JsonNode message(String type) {
    return Objects.requireNonNull(messages().get(SchemaAndCodeTest.recordOf(type).getSimpleName()), type);
  }

  /** What a reference within the document refers to; the node itself if it is none. */
  static JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? DOCUMENT.at(node.path("$ref").stringValue().substring("#".length())) : node;
  }

  /** What of these headers, or this payload, is not as the document says; empty if it is valid. */
  static List<String> errors(String type, String part, JsonNode value) {
    var location = SchemaLocation.of("classpath:" + RESOURCE + "#/components/messages/"
        + SchemaAndCodeTest.recordOf(type).getSimpleName() + "/" + part);
    return REGISTRY.getSchema(location).validate(value).stream().map(Object::toString).toList();
  }

  private static JsonNode read() {
    try (var document = AsyncApi.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      return YAMLMapper.builder().build().readTree(Objects.requireNonNull(document, RESOURCE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
