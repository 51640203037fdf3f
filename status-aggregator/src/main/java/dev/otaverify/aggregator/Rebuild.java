// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator;

import dev.otaverify.aggregator.TableDigests.Digest;
import dev.otaverify.kit.ServiceLauncher;
import dev.otaverify.kit.unit.Refold;
import dev.otaverify.kit.unit.Subscription;
import dev.otaverify.kit.sql.Database;
import dev.otaverify.kit.unit.UnitOfWorkConfiguration;
import dev.otaverify.kit.unit.UnitProperties;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.spi.ConnectionFactory;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayProperties;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.Environment;

/**
 * Builds the aggregator's tables anew from the topics, in a database beside the one in use, which goes on serving, and publishes nothing.
 * Then it compares the two at the same positions. Killed, it goes on where it was when it is run again; run again later, it takes in what
 * was written since. The aggregator may be started on it as soon as it has finished once: it goes on at the position, and first publishes
 * what the topics do not show to have been published.
 */
public final class Rebuild {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private Rebuild() {}

  /** What is needed of the aggregator. */
  @ComponentScan(basePackages = "dev.otaverify.aggregator.projection")
  @ImportAutoConfiguration({FlywayAutoConfiguration.class, R2dbcAutoConfiguration.class, KafkaAutoConfiguration.class})
  @EnableConfigurationProperties(UnitProperties.class)
  static class Context {
    @Bean
    static BeanFactoryPostProcessor onlyBesideTheOneInUse(Environment settings) {
      return ignored -> {
        var database = settings.getRequiredProperty("ota.rebuild.database");
        if (database.equals(settings.getRequiredProperty("ota.database.name"))) {
          throw new IllegalStateException(
              "ota.rebuild.database: " + database + " (expected: another one than ota.database.name)");
        }
      };
    }

    @Bean
    MeterRegistry meterRegistry() {
      return new SimpleMeterRegistry();
    }

    @Bean
    Database database(FlywayProperties tables, UnitProperties properties, MeterRegistry registry) {
      return UnitOfWorkConfiguration.database(tables, properties, 1, registry);
    }
  }

  /**
   * A table in both databases.
   *
   * @param liveRows -1 if it is not there
   * @param rebuiltRows -1 if it is not there
   */
  public record Table(String name, long liveRows, String liveDigest, long rebuiltRows, String rebuiltDigest) {
    /** Whether all rows are the same in all columns. */
    public boolean isEqual() {
      return liveRows == rebuiltRows && liveDigest.equals(rebuiltDigest);
    }
  }

  /**
   * What came of it.
   *
   * @param positions of the rebuilt database
   * @param tables both databases at these positions; null if they were not compared
   */
  public record Result(String database, Map<TopicPartition, Long> positions, @Nullable List<Table> tables) {
    /** Copies what it is given. */
    public Result {
      positions = Map.copyOf(positions);
      tables = tables == null ? null : List.copyOf(tables);
    }

    /** Whether they were compared, and are the same. */
    public boolean isEqual() {
      return tables != null && tables.stream().allMatch(Table::isEqual);
    }

    /** For whoever reads it. */
    public void print(PrintStream out) {
      long records = positions.values().stream().mapToLong(Long::longValue).sum();
      out.printf("%s: %d partitions folded up to their ends, %d records in all; nothing was published%n", database,
          positions.size(),
          records);
      if (tables == null) {
        out.println("not compared");
        return;
      }
      var row = "%-14s  %12s  %-16s  %12s  %-16s  %s%n";
      out.printf(row, "TABLE", "LIVE ROWS", "DIGEST", "REBUILT ROWS", "DIGEST", "");
      for (var table : tables) {
        out.printf(row, table.name(), table.liveRows(), table.liveDigest(), table.rebuiltRows(), table.rebuiltDigest(),
            table.isEqual() ? "equal" : "DIFFERENT");
      }
    }
  }

  /**
   * Runs it with the aggregator's settings from the environment: the exit status is 0 if it has finished and the tables are equal or were
   * not to be compared, 1 if not.
   */
  public static void main(String[] args) {
    int status = 0;
    try {
      var result = run(args);
      result.print(new PrintStream(System.out, true, StandardCharsets.UTF_8));
      status = result.tables() == null || result.isEqual() ? 0 : 1;
    } catch (IllegalStateException | KafkaException e) {
      System.err.println("rebuild: " + e.getMessage());
      status = 1;
    }
    System.exit(status);
  }

  /**
   * Runs it.
   *
   * @param args the aggregator's properties as {@code --name=value}, and of its own {@code ota.rebuild.database}, the one to build in, by
   *   default {@code ota.database.name} and {@code _rebuilt}; {@code ota.rebuild.compare} (true); {@code ota.rebuild.patience} (1m), how
   *   long it waits for the live aggregator to be as far
   * @throws IllegalStateException if it cannot be done: the database is missing or in use, or the topics have not everything any more
   * @throws KafkaException if Kafka does not answer
   */
  public static Result run(String... args) {
    // On top of what is given, so that the database in use is never touched.
    var arguments = Stream.concat(Stream.of(args), Stream.of("--spring.main.web-application-type=none",
        "--spring.flyway.url=jdbc:postgresql://${ota.database.host}:${ota.database.port}/${ota.rebuild.database}",
        "--spring.r2dbc.url=r2dbc:postgresql://${ota.database.host}:${ota.database.port}/${ota.rebuild.database}",
        "--spring.flyway.connect-retries=0")).toArray(String[]::new);
    try (var context = ServiceLauncher.start(Context.class, "status-aggregator", arguments)) {
      var subscriptions = new ArrayList<Subscription<?>>();
      context.getBeanProvider(Subscription.class).forEach(subscriptions::add);
      try (var refold = new Refold(subscriptions, context.getBean(Database.class),
          context.getBean(KafkaProperties.class),
          context.getBean(UnitProperties.class))) {
        return run(context.getEnvironment(), new RebuildState(context.getBean(ConnectionFactory.class)), refold);
      }
    } catch (BeansException e) {
      // Such as a database that is not there.
      throw new IllegalStateException(NestedExceptionUtils.getMostSpecificCause(e).getMessage(), e);
    }
  }

  private static Result run(Environment settings, RebuildState state, Refold refold) {
    var live = settings.getRequiredProperty("ota.database.name");
    var rebuilt = settings.getRequiredProperty("ota.rebuild.database");
    state.begin();
    var positions = refold.toTheEnd();
    state.finish();
    if (!settings.getRequiredProperty("ota.rebuild.compare", Boolean.class)) {
      return new Result(rebuilt, positions, null);
    }
    try {
      var liveTables = onceItHasReached(positions, settings, live);
      positions = refold.to(liveTables.positions());
      return new Result(rebuilt, positions, compared(liveTables, digests(settings, rebuilt)));
    } catch (SQLException e) {
      throw new IllegalStateException(rebuilt + " is rebuilt, and was not compared: " + e.getMessage()
          + " (expected: the database in use; or --ota.rebuild.compare=false)", e);
    }
  }

  private static TableDigests onceItHasReached(Map<TopicPartition, Long> positions, Environment settings, String live)
      throws SQLException {
    var patience = settings.getRequiredProperty("ota.rebuild.patience", Duration.class);
    long giveUp = System.nanoTime() + patience.toNanos();
    while (true) {
      var tables = digests(settings, live);
      if (tables.hasReached(positions)) {
        return tables;
      }
      if (System.nanoTime() > giveUp) {
        throw new IllegalStateException(
            "the database is rebuilt, and was not compared: " + live + " is not as far after " + patience
                + " (expected: an aggregator that works on it; or --ota.rebuild.compare=false)");
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private static TableDigests digests(Environment settings, String database) throws SQLException {
    return TableDigests.of("jdbc:postgresql://%s:%s/%s".formatted(settings.getRequiredProperty("ota.database.host"),
        settings.getRequiredProperty("ota.database.port"), database), settings.getRequiredProperty("ota.database.user"),
        settings.getRequiredProperty("ota.database.password"));
  }

  private static List<Table> compared(TableDigests live, TableDigests rebuilt) {
    var none = new Digest(-1, "");
    var names = new TreeSet<>(live.tables().keySet());
    names.addAll(rebuilt.tables().keySet());
    return names.stream().map(name -> {
      var one = live.tables().getOrDefault(name, none);
      var other = rebuilt.tables().getOrDefault(name, none);
      return new Table(name, one.rows(), one.digest(), other.rows(), other.digest());
    }).toList();
  }
}
