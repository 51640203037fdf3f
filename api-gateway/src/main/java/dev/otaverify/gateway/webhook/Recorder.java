// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.FirmwareEvent.FirmwareCreated;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Transaction;
import dev.otaverify.kit.unit.UnitHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what each webhook is to be told of the events of a unit, in the unit's transaction. Their key is the firmware; what no webhook is
 * told of is not read, but for who owns it.
 */
final class Recorder implements UnitHandler<FirmwareEvent> {
  private static final String WAITING = """
                                        with recorded as (
                                          insert into webhook_delivery (webhook_id, event_id, firmware_id, position, type, body)
                                          select * from unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[])
                                          on conflict do nothing returning webhook_id, firmware_id)
                                        insert into webhook_line (webhook_id, firmware_id)
                                          select distinct webhook_id, firmware_id from recorded order by 1, 2
                                          on conflict (webhook_id, firmware_id)
                                          do update set version = webhook_line.version + 1""";

  private static final String CREATED = Wire.typeOf(FirmwareCreated.class);

  private final Runnable wake;

  /** @param wake tells the sender of this gateway; those of others look by themselves */
  Recorder(Runnable wake) {
    this.wake = wake;
  }

  /** A webhook of the account of a firmware; no types: all. */
  private record Listener(String firmwareId, String webhookId, @Nullable Set<String> eventTypes,
      List<Long> fromOffsets) {
    boolean hears(Incoming<FirmwareEvent> event) {
      return event.offset() >= fromOffsets.get(event.partition())
          && (eventTypes == null || eventTypes.contains(event.type()));
    }
  }

  @Override
  public Output handle(Transaction transaction, List<Incoming<FirmwareEvent>> batch) {
    transaction.needNotLast();
    owners(transaction.sql(), batch);
    var listeners = listeners(transaction.sql(), batch).stream().collect(Collectors.groupingBy(Listener::firmwareId));
    return listeners.isEmpty() || record(transaction.sql(), batch, listeners) == 0
        ? Output.NONE
        : new Output(List.of(), List.of(wake));
  }

  private static void owners(Sql sql, List<Incoming<FirmwareEvent>> batch) {
    var accounts = new HashMap<String, String>();
    for (var event : batch) {
      if (event.type().equals(CREATED) && event.data() instanceof FirmwareCreated created) {
        accounts.put(created.firmwareId().value(), created.account().value());
      }
    }
    if (!accounts.isEmpty()) {
      sql.later(
          "insert into webhook_firmware (firmware_id, account) select * from unnest(?::text[], ?::text[])"
              + " on conflict do nothing",
          accounts.keySet().toArray(String[]::new), accounts.values().toArray(String[]::new));
    }
  }

  private static List<Listener> listeners(Sql sql, List<Incoming<FirmwareEvent>> batch) {
    var firmware = new HashSet<String>();
    batch.forEach(event -> firmware.add(event.key()));
    return sql.rows(Listener.class,
        """
        select json_build_object('firmware_id', f.firmware_id, 'webhook_id', w.id,
          'event_types', w.event_types, 'from_offsets', w.from_offsets)
        from webhook_firmware f join webhook w on w.account = f.account and w.deleted_at is null
        where f.firmware_id = any(?)""", (Object) firmware.toArray(String[]::new));
  }

  private static long record(Sql sql, List<Incoming<FirmwareEvent>> batch,
      Map<String, List<Listener>> listeners) {
    record Row(String webhookId, Incoming<FirmwareEvent> event, String body) {}
    var rows = new ArrayList<Row>();
    for (var event : batch) {
      var hearing = listeners.getOrDefault(event.key(), List.of()).stream()
          .filter(listener -> listener.hears(event)).toList();
      if (!hearing.isEmpty()) {
        var body = EventBody.of(event);
        hearing.forEach(listener -> rows.add(new Row(listener.webhookId(), event, body)));
      }
    }
    return rows.isEmpty()
        ? 0
        : sql.update(WAITING, texts(rows, Row::webhookId), texts(rows, row -> row.event().message().id()),
            texts(rows, row -> row.event().key()),
            rows.stream().map(row -> row.event().offset()).toArray(Long[]::new), texts(rows, row -> row.event().type()),
            texts(rows, Row::body));
  }

  private static <T> String[] texts(List<T> rows, Function<T, String> column) {
    return rows.stream().map(column).toArray(String[]::new);
  }
}
