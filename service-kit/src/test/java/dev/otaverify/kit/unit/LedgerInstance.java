// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.trace.Traces;
import dev.otaverify.kit.unit.UnitProbe.Point;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;

/** One instance of the miniature service: in the JVM of the test, or as a process of its own that can be killed. */
final class LedgerInstance implements AutoCloseable {
  static final Duration TRANSACTION_LIMIT = Duration.ofSeconds(2);
  static final int HALTED = 42;

  final UnitWorker<DeviceInput> worker;
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Database database;
  private final Producer<String, byte[]> producer;
  private final Admin admin;

  /** Where the parts of a test are. */
  record Place(String kafka, String host, int port, String database, String user, String password, String input,
      String output) {
    String[] toArgs() {
      return new String[]{kafka, host, Integer.toString(port), database, user, password, input, output};
    }

    static Place ofArgs(String[] args) {
      return new Place(args[0], args[1], Integer.parseInt(args[2]), args[3], args[4], args[5], args[6], args[7]);
    }

    Place withPort(int other) {
      return new Place(kafka, host, other, database, user, password, input, output);
    }
  }

  LedgerInstance(Place place, UnitProbe probe) {
    this(place, probe, Duration.ofSeconds(1));
  }

  LedgerInstance(Place place, UnitProbe probe, Duration session) {
    var properties = new UnitProperties(TRANSACTION_LIMIT, 2, session, Duration.ofMillis(20),
        Duration.ofMillis(200));
    database = new Database(
        "jdbc:postgresql://%s:%d/%s".formatted(place.host(), place.port(), place.database()), place.user(),
        place.password(), TRANSACTION_LIMIT, 4, registry);
    Map<String, Object> kafka = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, place.kafka());
    producer = UnitOfWorkConfiguration.producer(new HashMap<>(kafka));
    admin = Admin.create(new HashMap<>(kafka));
    var consumer = new HashMap<>(kafka);
    consumer.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5);
    worker = new UnitWorker<>(
        new Subscription<>("ledger-" + place.input(), place.input(), DeviceInput.class, new Ledger(place.output())),
        UnitOfWorkConfiguration.consumer(consumer, "ledger-" + place.input(), properties), admin, database, producer,
        properties, new UnitMetrics(registry), Traces.NONE, probe);
    worker.start();
  }

  @Override
  public void close() {
    worker.stop();
    producer.close();
    admin.close();
    database.close();
  }

  /**
   * The process: {@code PLACE… POINT OCCURRENCE halt|wait}. At that point it halts without any clean-up, or says so and
   * waits for a line on its standard input. It ends by being killed.
   */
  public static void main(String[] args) {
    var point = Point.valueOf(args[8]);
    int occurrence = Integer.parseInt(args[9]);
    boolean halts = args[10].equals("halt");
    var seen = new AtomicInteger();
    // Its threads go on when main returns; it ends by being killed.
    var unused = new LedgerInstance(Place.ofArgs(args), (reached, partition) -> {
      if (reached == point && seen.incrementAndGet() == occurrence) {
        System.out.println("reached " + reached);
        if (halts) {
          Runtime.getRuntime().halt(HALTED);
        }
        awaitLine();
        System.out.println("went on");
      }
    });
  }

  private static void awaitLine() {
    try {
      int read = System.in.read();
      if (read < 0) {
        Runtime.getRuntime().halt(0);
      }
    } catch (IOException e) {
      Runtime.getRuntime().halt(1);
    }
  }
}
