// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;

/** What each part says it is made of, in builds that make SBOMs; it lies where Boot's actuator looks for it. */
@EnabledIfSystemProperty(named = "cyclonedx.skip", matches = "false", disabledReason = "SBOMs are made with -Psbom")
class SbomTest {
  private static final Set<String> SERVICES = Set.of("api-gateway", "job-service", "device-dispatcher",
      "status-aggregator");

  @Test
  void eachPartHasAnSbomThatNamesWhatItIsMadeOf() throws IOException {
    var sboms = sboms();

    assertThat(sboms.keySet()).containsExactly("api-gateway", "device-dispatcher", "job-service", "local-stack",
        "mqtt-broker", "status-aggregator");
    assertThat(sboms).allSatisfy((part, components) -> assertThat(components).as(part).contains("kafka-clients"));
    assertThat(SERVICES)
        .allSatisfy(service -> assertThat(sboms.get(service)).as(service).contains("spring-boot", "service-kit"));
    assertThat(sboms.get("local-stack")).contains("spring-boot", "kafka_2.13", "hivemq-community-edition-embedded")
        .doesNotContain("test-infra", "junit-jupiter");
  }

  /** The names of the components in each SBOM on the class path, by the name of the part. */
  private static Map<String, Set<String>> sboms() throws IOException {
    var sboms = new TreeMap<String, Set<String>>();
    for (var url : Collections.list(ClassLoader.getSystemResources("META-INF/sbom/application.cdx.json"))) {
      try (var in = url.openStream()) {
        var sbom = Wire.JSON.readTree(in);
        sboms.put(sbom.path("metadata").path("component").path("name").stringValue(), sbom.path("components")
            .valueStream().map((JsonNode component) -> component.path("name").stringValue())
            .collect(Collectors.toSet()));
      }
    }
    return sboms;
  }
}
