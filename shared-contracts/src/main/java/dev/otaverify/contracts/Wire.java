// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages as bytes and headers: CloudEvents 1.0 in Kafka's binary mode. Attributes are headers {@code ce_…}, the
 * payload is JSON. What is not known is ignored in a payload, so a field may be added; an unknown type is refused.
 */
public final class Wire {
  /** The JSON of every payload. */
  public static final JsonMapper JSON = JsonMapper.builder()
      .changeDefaultPropertyInclusion(value -> value.withValueInclusion(JsonInclude.Include.NON_NULL))
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  private static final String PREFIX = "ce_";
  private static final Map<String, Class<?>> TYPES = Stream
      .of(Command.class, Reply.class, DeviceInput.class, FirmwareEvent.class, RegistryEvent.class)
      .flatMap(Wire::records)
      .collect(Collectors.toUnmodifiableMap(Wire::typeOf, type -> type));

  private static final Set<String> ATTRIBUTES = Set.of("ce_specversion", "ce_id", "ce_source",
      "ce_type", "ce_subject", "ce_time");

  private Wire() {}

  /** Headers and value, JSON text, of a record. */
  public record Encoded(Map<String, String> headers, String value) {}

  /** All wire types with the record that carries each. */
  public static Map<String, Class<?>> types() {
    return TYPES;
  }

  /** The wire type of a payload's class. */
  public static String typeOf(Class<?> payload) {
    @Nullable
    WireType type = payload.getAnnotation(WireType.class);
    if (type == null) {
      throw new IllegalStateException(payload.getName() + ": no wire type (expected: @WireType)");
    }
    return type.value();
  }

  /** The record form of a message. */
  public static Encoded encode(Message<?> message) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("ce_specversion", "1.0");
    headers.put("ce_id", message.id());
    headers.put("ce_source", message.source());
    headers.put("ce_type", typeOf(message.data().getClass()));
    headers.put("ce_subject", message.subject());
    headers.put("ce_time", message.time().toString());
    headers.put("content-type", "application/json");
    new TreeMap<>(message.extensions()).forEach((name, value) -> headers.put(PREFIX + name, value));
    return new Encoded(headers, JSON.writeValueAsString(message.data()));
  }

  /**
   * Reads a message.
   *
   * @param headers those of the record, as text
   * @param family the sealed type that the topic carries
   * @throws UnreadableMessageException if it is not such a message
   */
  public static <T> Message<T> decode(Map<String, String> headers, byte @Nullable [] value, Class<T> family) {
    var type = header(headers, "ce_type");
    @Nullable
    Class<?> payload = TYPES.get(type);
    if (payload == null || !family.isAssignableFrom(payload)) {
      throw new UnreadableMessageException("ce_type: " + type + " (expected: a " + family.getSimpleName() + ")");
    }
    if (value == null) {
      throw new UnreadableMessageException("value: null (expected: JSON of " + type + ")");
    }
    try {
      var data = JSON.readValue(value, payload);
      if (data == null) {
        throw new UnreadableMessageException("value: JSON null (expected: a JSON object of " + type + ")");
      }
      Completeness.check(type, data);
      var extensions = new HashMap<String, String>();
      headers.forEach((name, text) -> {
        if (name.startsWith(PREFIX) && !ATTRIBUTES.contains(name)) {
          extensions.put(name.substring(PREFIX.length()), text);
        }
      });
      return new Message<>(header(headers, "ce_id"), header(headers, "ce_source"), header(headers, "ce_subject"),
          Instant.parse(header(headers, "ce_time")), extensions, family.cast(data));
    } catch (JacksonException | IllegalArgumentException | DateTimeParseException e) {
      throw new UnreadableMessageException(type + ": " + firstLine(e), e);
    }
  }

  private static String header(Map<String, String> headers, String name) {
    @Nullable
    String value = headers.get(name);
    if (value == null) {
      throw new UnreadableMessageException(name + ": missing (expected: a CloudEvents attribute)");
    }
    return value;
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static Stream<Class<?>> records(Class<?> type) {
    return type.isSealed() ? Stream.of(type.getPermittedSubclasses()).flatMap(Wire::records) : Stream.of(type);
  }
}
