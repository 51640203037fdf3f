// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The schemas say what the code says: neither can change alone. */
class SchemaAndCodeTest {
  private static final Map<Class<?>, String> TOPICS = Map.of(Command.class, Topics.COMMANDS, Reply.class,
      Topics.REPLIES, DeviceInput.class, Topics.DEVICE_INPUTS, FirmwareEvent.class, Topics.FIRMWARE_EVENTS,
      RegistryEvent.class, Topics.REGISTRY_EVENTS);

  @Test
  void everyTypeHasItsSchemaAndNoSchemaIsWithoutAType() {
    assertThat(ContractFiles.schemas().keySet()).isEqualTo(Wire.types().keySet()).isNotEmpty();
  }

  @Test
  void everySchemaIsOneAndSaysWhatItIsFor() {
    ContractFiles.schemas().forEach((type, schema) -> {
      assertThat(ContractFiles.errorsOfSchema(schema)).as(type).isEmpty();
      assertThat(schema.path("$id").stringValue()).isEqualTo("urn:otaverify:schema:" + type);
      assertThat(schema.path("title").stringValue()).isEqualTo(recordOf(type).getSimpleName());
      assertThat(schema.path("description").stringValue()).contains(" On " + topicOf(recordOf(type)));
    });
    assertThat(ContractFiles.errorsOfSchema(Wire.JSON.readTree("{\"type\": \"text\"}"))).isNotEmpty();
  }

  @Test
  void aSchemaHasExactlyTheFieldsOfItsRecordInTheirForms() {
    ContractFiles.schemas().forEach((type, schema) -> isLikeRecord(type, schema, schema, recordOf(type)));
  }

  @Test
  void valuesThatAreTextsInTheCodeAreListedInTheSchemas() {
    var failed = ContractFiles.schemaOf(FirmwareEvent.FirmwareVerificationFailed.class);
    var job = ContractFiles.schemaOf(Command.CreateVerifyJob.class);

    assertThat(enumOf(failed.at("/$defs/DeviceFailure/properties/reason"))).containsExactly(
        Stream.concat(Arrays.stream(TaskFailed.Reason.values()).map(Enum::name), Stream.of("CANCELED"))
            .toArray(String[]::new));
    assertThat(job.at("/properties/targets/maxItems").intValue()).isEqualTo(Command.CreateVerifyJob.MAX_TARGETS);
  }

  @Test
  void noFieldIsForASecret() {
    ContractFiles.schemas().forEach((type, schema) -> assertThat(schema.findValues("properties"))
        .flatMap(properties -> List.copyOf(properties.propertyNames())).as(type)
        .noneMatch(name -> name.matches("(?i).*(secret|password|token|credential|accesskey|signature).*")));
  }

  private static void isLikeRecord(String place, JsonNode root, JsonNode schema, Class<?> type) {
    var components = type.getRecordComponents();
    assertThat(schema.path("type").stringValue()).as(place).isEqualTo("object");
    assertThat(schema.path("properties").propertyNames()).as(place)
        .containsExactly(Arrays.stream(components).map(RecordComponent::getName).toArray(String[]::new));
    assertThat(schema.path("required").valueStream().map(JsonNode::stringValue)).as(place)
        .containsExactly(Arrays.stream(components)
            .filter(component -> !component.getAnnotatedType().isAnnotationPresent(Nullable.class))
            .map(RecordComponent::getName).toArray(String[]::new));
    for (var component : components) {
      isLike(place + "/" + component.getName(), root, schema.path("properties").path(component.getName()),
          component.getAnnotatedType());
    }
  }

  private static void isLike(String place, JsonNode root, JsonNode reference, AnnotatedType annotated) {
    var schema = SchemaChanges.resolve(root, reference);
    if (annotated instanceof AnnotatedParameterizedType list) {
      assertThat(schema.path("type").stringValue()).as(place).isEqualTo("array");
      isLike(place + "[]", root, schema.path("items"), list.getAnnotatedActualTypeArguments()[0]);
      return;
    }
    var type = (Class<?>) annotated.getType();
    var form = formOfId(type);
    if (type.isRecord() && form == null) {
      isLikeRecord(place, root, schema, type);
      return;
    }
    assertThat(schema.path("type").stringValue()).as(place).isEqualTo(jsonTypeOf(type));
    if (form != null) {
      assertThat(schema.path("pattern").stringValue()).as(place).isEqualTo("^" + form + "$");
    } else if (type.isEnum()) {
      assertThat(enumOf(schema)).as(place)
          .containsExactly(Arrays.stream(type.getEnumConstants()).map(Object::toString).toArray(String[]::new));
    } else if (type == Instant.class) {
      assertThat(schema.path("format").stringValue()).as(place).isEqualTo("date-time");
    } else if (type == Duration.class) {
      assertThat(reference.path("$ref").stringValue()).as(place).isEqualTo("#/$defs/Duration");
    }
  }

  private static String jsonTypeOf(Class<?> type) {
    return type == boolean.class ? "boolean" : type == int.class || type == long.class ? "integer" : "string";
  }

  static @Nullable Form formOfId(Class<?> type) {
    if (!type.isRecord() || !type.getRecordComponents()[0].getAccessor().isAnnotationPresent(JsonValue.class)) {
      return null;
    }
    try {
      var form = type.getDeclaredField("FORM");
      form.setAccessible(true);
      return (Form) form.get(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(type + ": no FORM", e);
    }
  }

  static Class<?> recordOf(String type) {
    return Objects.requireNonNull(Wire.types().get(type), type);
  }

  /** The topic that carries this payload. */
  static String topicOf(Class<?> payload) {
    return TOPICS.entrySet().stream().filter(topic -> topic.getKey().isAssignableFrom(payload))
        .map(Map.Entry::getValue).findFirst().orElseThrow();
  }

  private static List<String> enumOf(JsonNode schema) {
    return schema.path("enum").valueStream().map(JsonNode::stringValue).toList();
  }
}
