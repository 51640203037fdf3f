// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher;

import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Transaction;
import dev.otaverify.kit.unit.UnitHandler;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import tools.jackson.databind.JsonNode;

/** The dispatcher's tables in a database of their own, and units on them. */
public final class TestTables {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final ConnectionFactory connections;
  private final Database database;

  public TestTables() {
    var fresh = TestInfra.freshDatabase("device-dispatcher");
    Flyway.configure().dataSource(fresh.jdbcUrl(), fresh.user(), fresh.password())
        .locations("classpath:db/service-kit", "classpath:db/device-dispatcher").load().migrate();
    this.connections = ConnectionFactories.get(ConnectionFactoryOptions.parse(fresh.r2dbcUrl()).mutate()
        .option(ConnectionFactoryOptions.USER, fresh.user())
        .option(ConnectionFactoryOptions.PASSWORD, fresh.password()).build());
    this.database = new Database(fresh.jdbcUrl(), fresh.user(), fresh.password(), LIMIT, 4, new SimpleMeterRegistry());
  }

  public Database database() {
    return database;
  }

  public ConnectionFactory connections() {
    return connections;
  }

  /** Runs one unit at this time and commits it. */
  public Output unit(UnitHandler<DeviceInput> handler, Instant now, List<? extends DeviceInput> inputs) {
    return unitOf(handler, now, inputs.stream().map(TestTables::incoming).toList());
  }

  /** Runs one unit at this time and commits it. */
  public Output unitOf(UnitHandler<DeviceInput> handler, Instant now, List<Incoming<DeviceInput>> batch) {
    return database.transaction(sql -> handler.handle(new Transaction(sql, now), batch));
  }

  /** Empties the tables. */
  public void clear() {
    run("truncate device, device_task");
  }

  /** Runs a statement. */
  public void run(String sql) {
    var unused = database.transaction(open -> open.update(sql));
  }

  /** The rows of a query that selects one column of jsonb. */
  public List<JsonNode> rows(String sql) {
    return database.transaction(open -> open.rows(JsonNode.class, sql));
  }

  /** An input as the unit gets it. */
  public static Incoming<DeviceInput> incoming(DeviceInput input) {
    return incoming(input, Map.of());
  }

  /** An input as the unit gets it, with the trace context that it came with. */
  public static Incoming<DeviceInput> incoming(DeviceInput input, Map<String, String> traceContext) {
    return new Incoming<>(
        Message.unnumbered(UUID.randomUUID().toString(), Source.MQTT_BROKER, input.device().key(), Instant.EPOCH,
            input),
        input.device().key(),
        Topics.DEVICE_INPUTS, 0, 0, traceContext);
  }

  /** What an output publishes, as its readers see it. */
  public static <T> List<Message<T>> published(Output output, String topic, Class<T> family) {
    return output.records().stream().filter(outgoing -> outgoing.topic().equals(topic))
        .map(outgoing -> Wire.decode(outgoing.headers(), outgoing.value(), family)).toList();
  }
}
