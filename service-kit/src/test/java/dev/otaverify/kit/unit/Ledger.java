// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceInput.VersionReported;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.RegistryEvent.DeviceVersionChanged;
import dev.otaverify.contracts.Source;
import dev.otaverify.kit.sql.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A service in miniature: it counts the reports of each device, and for each writes an event with its own gap-free number
 * in the first step and an echo of it in the second. A report lost or counted twice shows in the count, an output lost or
 * changed in the topic.
 */
final class Ledger implements UnitHandler<DeviceInput> {
  static final String DDL = "create table tally (device text primary key, reports bigint not null, "
      + "last_version varchar(40) not null)";
  static final String UNDECIDABLE = "undecidable";
  static final String BUG = "bug";

  private static final Table<Tally> TALLY = Table.of("tally", Tally.class, "device");

  private final String topic;

  /** @param topic for the output */
  Ledger(String topic) {
    this.topic = topic;
  }

  record Tally(String device, long reports, String lastVersion) {}

  @Override
  public Output handle(Transaction transaction, List<Incoming<DeviceInput>> batch) {
    var devices = batch.stream().map(Incoming::key).distinct().sorted().toArray(String[]::new);
    Map<String, Tally> tallies = transaction.sql()
        .rows(Tally.class, "select to_jsonb(t) from tally t where device = any(?) order by device for update",
            (Object) devices)
        .stream().collect(Collectors.toMap(Tally::device, row -> row, (one, other) -> one, LinkedHashMap::new));
    var output = new ArrayList<Outgoing>();
    for (var incoming : batch) {
      var report = (VersionReported) incoming.data();
      switch (report.version()) {
        case UNDECIDABLE -> throw new UndecidableException("version: undecidable (expected: another)");
        case BUG -> throw new IllegalStateException("version: bug (expected: none)");
        default -> {
        }
      }
      long number = tallies.containsKey(incoming.key()) ? tallies.get(incoming.key()).reports() + 1 : 1;
      tallies.put(incoming.key(), new Tally(incoming.key(), number, report.version()));
      output.add(event(incoming, Step.FIRST, report, number, transaction));
      output.add(event(incoming, Step.SECOND, report, number, transaction));
    }
    transaction.sql().upsert(TALLY, tallies.values());
    return Output.of(output.stream().sorted(Comparator.comparing(Outgoing::step)).toList());
  }

  private Outgoing event(Incoming<DeviceInput> incoming, Step step, VersionReported report, long number,
      Transaction transaction) {
    var source = step == Step.FIRST ? Source.DEVICE_DISPATCHER : Source.STATUS_AGGREGATOR;
    return incoming.causes(step, topic, incoming.partition(),
        Message.event(source, report.device().key(), number, transaction.now(),
            new DeviceVersionChanged(report.device().productKey(), report.device().deviceName(), report.moduleName(),
                report.version(), transaction.now())));
  }
}
