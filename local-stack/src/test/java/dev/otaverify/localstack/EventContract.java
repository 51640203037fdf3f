// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.otaverify.contracts.Wire;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The AsyncAPI document, by which records are judged. */
final class EventContract {
  private static final String MESSAGES = "classpath:dev/otaverify/contracts/asyncapi.yaml#/components/messages/";
  private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12,
      builder -> builder
          .schemaRegistryConfig(SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  private EventContract() {}

  /** What of this record is not as the document says; empty if it is valid. */
  static List<String> errors(Map<String, String> headers, byte[] value) {
    var type = Objects.requireNonNull(Wire.types().get(headers.get("ce_type")), () -> "of no type: " + headers);
    return Stream.concat(errors(type, "headers", Wire.JSON.valueToTree(headers)),
        errors(type, "payload", Wire.JSON.readTree(value))).toList();
  }

  private static Stream<String> errors(Class<?> type, String part, JsonNode json) {
    return SCHEMAS.getSchema(SchemaLocation.of(MESSAGES + type.getSimpleName() + "/" + part)).validate(json).stream()
        .map(Object::toString);
  }
}
