// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.ContractFiles.Sample;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code asyncapi.yaml} says what the code says, and its examples are what the code writes. */
class AsyncApiTest {
  private static final Set<String> PUBLIC = Set.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS);
  private static final Set<String> DEAD_LETTERS = Set.of(Topics.deadLetters(Topics.COMMANDS),
      Topics.deadLetters(Topics.DEVICE_INPUTS));

  @Test
  void everyTopicIsAChannelWithItsPartitionsAndSettings() {
    assertThat(AsyncApi.channels().keySet()).isEqualTo(Topics.all().keySet());
    AsyncApi.channels().forEach((topic, channel) -> {
      var kafka = AsyncApi.resolve(channel.path("bindings")).path("kafka");
      assertThat(kafka.path("partitions").intValue()).as(topic).isEqualTo(Topics.all().get(topic));
      assertThat(kafka.path("topicConfiguration").properties().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, setting -> textOf(setting.getValue())))).as(topic)
          .isEqualTo(Topics.settings(topic));
    });
  }

  @Test
  void everyTypeIsOnTheChannelThatCarriesItAndOnNoOther() {
    AsyncApi.channels().forEach((topic, channel) -> {
      var types = channel.path("messages").valueStream().map(AsyncApi::resolve)
          .map(message -> message.path("name").asString("none")).collect(Collectors.toSet());
      assertThat(types).as(topic).isEqualTo(DEAD_LETTERS.contains(topic)
          ? Set.of("none")
          : Wire.types().keySet().stream().filter(type -> topic.equals(topicOf(type))).collect(Collectors.toSet()));
    });
  }

  @Test
  void onlyTheTopicsOfEventsArePublicAndWhatOtaverifySends() {
    AsyncApi.channels().forEach((topic, channel) -> assertThat(channel.path("tags").path(0).path("name").stringValue())
        .as(topic).isEqualTo(PUBLIC.contains(topic) ? "public" : "internal"));
    assertThat(AsyncApi.operations().valueStream().map(operation -> {
      assertThat(operation.path("action").stringValue()).isEqualTo("send");
      return AsyncApi.resolve(operation.path("channel")).path("address").stringValue();
    })).containsExactlyInAnyOrderElementsOf(PUBLIC);
  }

  @Test
  void everyTypeIsAMessageThatSaysWhatItsSchemaSays() {
    assertThat(AsyncApi.messages().keySet()).isEqualTo(Stream.concat(Stream.of("DeadLetter"),
        Wire.types().values().stream().map(Class::getSimpleName)).collect(Collectors.toSet()));
    ContractFiles.schemas().forEach((type, schema) -> {
      var message = AsyncApi.message(type);
      var description = schema.path("description").stringValue();
      assertThat(message.path("name").stringValue()).isEqualTo(type);
      assertThat(message.path("payload").path("$ref").stringValue()).isEqualTo("./schemas/" + type + ".json");
      assertThat(description).startsWith(message.path("summary").stringValue() + " On " + topicOf(type))
          .contains("written by " + writer(message));
      assertThat(key(message)).as(type).isEqualTo(description.contains("keyed by firmware id")
          ? formOf(FirmwareId.class)
          : description.contains("keyed by product key")
              ? formOf(ProductKey.class)
              : description.contains("keyed by productKey/deviceName")
                  ? formOf(ProductKey.class).replace("$", "/") + formOf(DeviceName.class).substring(1)
                  : "");
    });
  }

  @ParameterizedTest
  @MethodSource("publicTypes")
  void everyEventHasAnExampleThatIsValidAndWhatTheCodeWrites(String type) {
    assertThat(AsyncApi.message(type).path("examples")).hasSize(1);
    var example = AsyncApi.message(type).path("examples").path(0);

    assertThat(AsyncApi.errors(type, "headers", example.path("headers"))).isEmpty();
    assertThat(AsyncApi.errors(type, "payload", example.path("payload"))).isEmpty();
    assertThat(AsyncApi.errors(type, "payload", Wire.JSON.createObjectNode())).isNotEmpty();
    var headers = headers(example.path("headers"));
    var message = Wire.decode(headers, bytes(example.path("payload")), Object.class);
    var encoded = Wire.encode(Message.event(message.source(), message.subject(), message.sequence(), message.time(),
        message.data()));
    // The trace is the record's, not the message's.
    headers.remove("traceparent");
    assertThat(encoded.headers()).isEqualTo(headers);
    assertThat(Wire.JSON.readTree(encoded.value())).isEqualTo(example.path("payload"));
  }

  static Stream<String> publicTypes() {
    return Wire.types().keySet().stream().filter(type -> PUBLIC.contains(topicOf(type))).sorted();
  }

  @ParameterizedTest
  @MethodSource("dev.otaverify.contracts.ContractFiles#samples")
  void whatWasReleasedIsValid(Sample sample) {
    var headers = (ObjectNode) Wire.JSON.valueToTree(sample.headers());
    if (sample.type().equals("dev.otaverify.task.confirmed.v1")) {
      // Released as the dispatcher's, but it never wrote one.
      headers.put("ce_source", Source.JOB_SERVICE);
    }

    assertThat(AsyncApi.errors(sample.type(), "headers", headers)).isEmpty();
    assertThat(AsyncApi.errors(sample.type(), "payload", sample.data())).isEmpty();
  }

  @ParameterizedTest(name = "{0} with {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = """
                                          firmware.verified.v1         | ce_specversion   | 0.3
                                          firmware.verified.v1         | ce_id            | 7
                                          firmware.verified.v1         | ce_source        | /otaverify/job-service
                                          firmware.verified.v1         | ce_type          | verified
                                          firmware.verified.v1         | ce_subject       | ''
                                          firmware.verified.v1         | ce_time          | yesterday
                                          firmware.verified.v1         | ce_sequence      | 0
                                          firmware.verified.v1         | ce_sequence      | 01
                                          firmware.verified.v1         | content-type     | text/plain
                                          firmware.verified.v1         | traceparent      | 00-1-1-01
                                          firmware.created.v1          | ce_source        | /otaverify/device-dispatcher
                                          task.notified.v1             | ce_source        | /otaverify/status-aggregator
                                          command.create-product.v1    | ce_expiresat     | soon
                                          command.create-product.v1    | ce_replypartition | all
                                          command.conclude-verification.v1 | ce_source    | /otaverify/api-gateway
                                          device.connected.v1          | ce_source        | /otaverify/job-service
                                          """)
  void aHeaderThatIsNotOfItsFormIsNotValid(String type, String header, String value) {
    var wireType = "dev.otaverify." + type;
    var headers = headersOf(wireType);

    headers.put(header, value);

    assertThat(AsyncApi.errors(wireType, "headers", headers)).isNotEmpty();
  }

  @Test
  void noAttributeMayBeMissing() {
    for (var type : List.of("firmware.verified.v1", "command.create-product.v1", "reply.accepted.v1")) {
      var wireType = "dev.otaverify." + type;
      for (var name : List.copyOf(headersOf(wireType).propertyNames())) {
        var headers = headersOf(wireType);
        headers.remove(name);
        assertThat(AsyncApi.errors(wireType, "headers", headers)).as(type + " without " + name).isNotEmpty();
      }
    }
  }

  /** AsyncAPI's own form of a schema is draft 7: the payloads must mean the same there. */
  @Test
  void thePayloadsMeanTheSameInDraft7() {
    var texts = Set.of("$ref", "description");
    ContractFiles.schemas().forEach((type, schema) -> {
      assertThat(schema.findParents("$ref")).as(type + ": draft 7 ignores what stands beside a reference")
          .allSatisfy(reference -> assertThat(texts).containsAll(reference.propertyNames()));
      assertThat(schema.toString()).as(type).doesNotContain("\"prefixItems\"", "\"dependentRequired\"",
          "\"dependentSchemas\"", "\"unevaluatedProperties\"", "\"unevaluatedItems\"", "\"$dynamicRef\"",
          "\"minContains\"", "\"maxContains\"");
    });
  }

  private static ObjectNode headersOf(String type) {
    var sample = ContractFiles.samples().stream().filter(it -> it.type().equals(type) && !it.isMinimal()).findFirst()
        .orElseThrow();
    var headers = (ObjectNode) Wire.JSON.valueToTree(sample.headers());
    assertThat(AsyncApi.errors(type, "headers", headers)).isEmpty();
    return headers;
  }

  private static String topicOf(String type) {
    return SchemaAndCodeTest.topicOf(SchemaAndCodeTest.recordOf(type));
  }

  /** Such as {@code job-service}, of the source that the headers of the message must have. */
  private static String writer(JsonNode message) {
    return AsyncApi.resolve(message.path("headers")).path("allOf").path(1).at("/properties/ce_source/const")
        .stringValue().substring("/otaverify/".length());
  }

  private static String key(JsonNode message) {
    return AsyncApi.resolve(message.path("bindings")).at("/kafka/key/pattern").asString("");
  }

  private static String formOf(Class<?> id) {
    return "^" + Objects.requireNonNull(SchemaAndCodeTest.formOfId(id)) + "$";
  }

  private static String textOf(JsonNode setting) {
    return setting.isArray()
        ? setting.valueStream().map(JsonNode::asString).collect(Collectors.joining(","))
        : setting.asString();
  }

  private static Map<String, String> headers(JsonNode headers) {
    return headers.properties().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, header -> header.getValue().stringValue()));
  }

  private static byte[] bytes(JsonNode payload) {
    return Wire.JSON.writeValueAsString(payload).getBytes(StandardCharsets.UTF_8);
  }
}
