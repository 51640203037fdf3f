// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TopicsTest {
  @Test
  void everyTopicHasTheSameNumberOfPartitions() {
    assertThat(Topics.all().values()).containsOnly(12);
    assertThat(Topics.all()).containsOnlyKeys("ota.commands", "ota.device.inputs", "ota.firmware.events",
        "ota.registry.events", "ota.replies", "ota.commands.dlt", "ota.device.inputs.dlt");
  }

  @Test
  void everythingIsKeptForEverButAnswersAndNothingIsCompacted() {
    assertThat(Topics.all().keySet()).filteredOn(topic -> "-1".equals(Topics.settings(topic).get("retention.ms")))
        .hasSize(6).doesNotContain(Topics.REPLIES);
    assertThat(Topics.all().keySet()).allMatch(topic -> "delete".equals(Topics.settings(topic).get("cleanup.policy")));
  }

  @Test
  void deadLettersStandBesideTheirTopic() {
    assertThat(Topics.deadLetters(Topics.COMMANDS)).isEqualTo("ota.commands.dlt");
  }

  @Test
  void onlyWhatCarriesInputFromOutsideHasDeadLetters() {
    assertThat(List.of(Topics.COMMANDS, Topics.DEVICE_INPUTS))
        .allMatch(topic -> Topics.all().containsKey(Topics.deadLetters(topic)));
    assertThat(Topics.all().keySet()).filteredOn(topic -> topic.endsWith(".dlt")).hasSize(2);
  }

  @Test
  void clientsAndDevicesAreOutsideAndTheServicesAreNot() {
    assertThat(List.of(Source.API_GATEWAY, Source.MQTT_BROKER, "", "/elsewhere")).allMatch(Source::isOutside);
    assertThat(List.of(Source.JOB_SERVICE, Source.DEVICE_DISPATCHER, Source.STATUS_AGGREGATOR))
        .noneMatch(Source::isOutside);
  }
}
