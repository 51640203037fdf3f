// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.KafkaRecords;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Publishes nothing. What the log shows to have been published is forgotten; the rest stays in the row, from where whoever claims the
 * partition next publishes it. So what another owner decided and did not get published is not lost with his database.
 *
 * <p>
 * An output is known to be published when it is read back, and one of the first step with the first of the second step about the same
 * subject, since that was not sent before. So this is for what reads what it writes, in the same partition.
 */
final class Withheld implements Outlet {
  private List<Outgoing> outstanding = List.of();

  @Override
  public List<Outgoing> toStore(List<ConsumerRecord<String, byte[]>> read, List<Outgoing> output) {
    var all = new ArrayList<>(outstanding);
    all.addAll(output);
    if (all.isEmpty()) {
      return all;
    }
    var readBack = read.stream().map(record -> name(record.topic(), KafkaRecords.textOf(record.headers())))
        .collect(Collectors.toSet());
    Set<String> acknowledged = new HashSet<>();
    all.removeIf(outgoing -> {
      boolean known = readBack.contains(name(outgoing.topic(), outgoing.headers()));
      if (known && outgoing.step() == Step.SECOND) {
        acknowledged.add(subject(outgoing));
      }
      return known;
    });
    all.removeIf(outgoing -> outgoing.step() == Step.FIRST && acknowledged.contains(subject(outgoing)));
    return List.copyOf(all);
  }

  @Override
  public void publish(Step step, List<Outgoing> records) {
    outstanding = List.copyOf(records);
  }

  private static String name(String topic, Map<String, String> headers) {
    return topic + " " + headers.get("ce_source") + " " + headers.get("ce_id");
  }

  private static String subject(Outgoing outgoing) {
    return outgoing.headers().get("ce_source") + " " + outgoing.headers().get("ce_subject");
  }
}
