// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.ContractFiles.Sample;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What was released stays readable, and stays what it was. */
class FrozenContractTest {

  @ParameterizedTest
  @MethodSource("dev.otaverify.contracts.ContractFiles#samples")
  void aReleasedMessageIsStillReadAndWrittenTheSame(Sample sample) {
    var encoded = Wire.encode(decoded(sample));

    assertThat(encoded.headers()).isEqualTo(sample.headers());
    assertThat(Wire.JSON.readTree(encoded.value())).isEqualTo(sample.data());
  }

  @ParameterizedTest
  @MethodSource("dev.otaverify.contracts.ContractFiles#samples")
  void aReleasedMessageIsReadTheSameWhenALaterWriterAddsToIt(Sample sample) {
    var later = (ObjectNode) sample.data().deepCopy();
    later.putArray("addedLater").add(1);
    var headers = new TreeMap<>(sample.headers());
    headers.put("another", "header");

    assertThat(decoded(new Sample(sample.file(), headers, later))).isEqualTo(decoded(sample));
    assertThat(ContractFiles.errors(sample.type(), later)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("dev.otaverify.contracts.ContractFiles#versions")
  void theSchemasHaveOnlyBeenAddedToSince(String version) {
    ContractFiles.frozenSchemas(version).forEach((type, frozen) -> {
      assertThat(ContractFiles.schemas()).containsKey(type);
      assertThat(SchemaChanges.breaking(frozen, ContractFiles.schema(type))).as(type).isEmpty();
    });
  }

  @ParameterizedTest
  @MethodSource("dev.otaverify.contracts.ContractFiles#versions")
  void topicsAreAsReleasedAndNoSourceOrErrorCodeHasChanged(String version) {
    var frozen = ContractFiles.frozenNames(version);

    assertThat(Topics.all()).containsAllEntriesOf(frozen.path("topics").properties().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, topic -> topic.getValue().intValue())));
    assertThat(List.of(Source.API_GATEWAY, Source.JOB_SERVICE, Source.DEVICE_DISPATCHER, Source.STATUS_AGGREGATOR,
        Source.MQTT_BROKER)).containsAll(frozen.path("sources").valueStream().map(JsonNode::stringValue).toList());
    frozen.path("errorCodes").properties()
        .forEach(code -> assertThat(ErrorCode.valueOf(code.getKey()).code()).isEqualTo(code.getValue().stringValue()));
  }

  @Test
  void everyTypeTopicAndErrorCodeIsFrozenInSomeRelease() {
    var schemas = new TreeSet<String>();
    var topics = new TreeSet<String>();
    var codes = new TreeSet<String>();
    for (var version : ContractFiles.versions()) {
      schemas.addAll(ContractFiles.frozenSchemas(version).keySet());
      topics.addAll(ContractFiles.frozenNames(version).path("topics").propertyNames());
      codes.addAll(ContractFiles.frozenNames(version).path("errorCodes").propertyNames());
    }

    assertThat(ContractFiles.samples().stream().filter(sample -> !sample.isMinimal()).map(Sample::type))
        .containsExactlyInAnyOrderElementsOf(Wire.types().keySet());
    assertThat(schemas).as("add what is new under src/test/resources/contract, in the version to come")
        .isEqualTo(Wire.types().keySet());
    assertThat(topics).isEqualTo(Topics.all().keySet());
    assertThat(codes).hasSameSizeAs(ErrorCode.values());
  }

  private static Message<?> decoded(Sample sample) {
    return Wire.decode(sample.headers(), Wire.JSON.writeValueAsString(sample.data()).getBytes(StandardCharsets.UTF_8),
        Object.class);
  }
}
