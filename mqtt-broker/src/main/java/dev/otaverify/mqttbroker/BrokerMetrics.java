// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.codahale.metrics.Counting;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Properties;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the broker under the names that docs/OBSERVABILITY.md promises. They are counted where an extension counts,
 * in HiveMQ's own registry, ours beside HiveMQ's; here are those that are of use, of some hundred.
 */
final class BrokerMetrics {
  private final MetricRegistry hiveMq;
  private final MeterRegistry registry;

  BrokerMetrics(MetricRegistry hiveMq, MeterRegistry registry) {
    this.hiveMq = hiveMq;
    this.registry = registry;
  }

  /** Registers all of them. The suppliers are asked at each scrape. */
  void register(DoubleSupplier devices, DoubleSupplier bytesUnderWay, DoubleSupplier ready) {
    gauge("ota.broker.devices", null, "Devices that are connected", devices);
    gauge("ota.broker.connections", null, "MQTT connections: devices and services",
        () -> value(hiveMq, "com.hivemq.networking.connections.current"));
    gauge("ota.broker.kafka.waiting", "bytes", "Bytes handed to Kafka and not acknowledged", bytesUnderWay);
    gauge("ota.ready", null, "Whether /readyz says so: 1, or 0 while devices are not let in", ready);
    for (var outcome : Login.Outcome.values()) {
      counter("ota.broker.logins", "Logins of devices, by what became of them",
          Tags.of("outcome", outcome.name().toLowerCase(Locale.ROOT)), outcome.metric());
    }
    reports("taken", Reports.TAKEN);
    reports("unreadable", Reports.UNREADABLE);
    reports("refused", Reports.REFUSED);
    publishes("incoming", "com.hivemq.messages.incoming.publish.count");
    publishes("outgoing", "com.hivemq.messages.outgoing.publish.count");
    buildInfo();
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private void reports(String outcome, String metric) {
    counter("ota.broker.reports",
        "Reports of devices: written to Kafka, not readable and dropped, or not taken by Kafka",
        Tags.of("outcome", outcome), metric);
  }

  private void publishes(String direction, String metric) {
    counter("ota.broker.publishes", "Messages published by clients and delivered to them",
        Tags.of("direction", direction), metric);
  }

  private void gauge(String name, @Nullable String unit, String description, DoubleSupplier value) {
    io.micrometer.core.instrument.Gauge.builder(name, value::getAsDouble).baseUnit(unit).description(description)
        .register(registry);
  }

  /** HiveMQ's registry is what the counter is a function of: of anything else it would not keep hold. */
  private void counter(String name, String description, Tags tags, String metric) {
    FunctionCounter.builder(name, hiveMq, metrics -> value(metrics, metric)).tags(tags).description(description)
        .register(registry);
  }

  private void buildInfo() {
    var build = new Properties();
    try (var file = BrokerMetrics.class.getResourceAsStream("build.properties")) {
      build.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    io.micrometer.core.instrument.Gauge.builder("ota.build.info", () -> 1)
        .description("Always 1; the labels say which build runs").tag("version", build.getProperty("version"))
        .tag("commit", build.getProperty("commit")).register(registry);
  }

  /** No value, rather than a wrong one, if HiveMQ should not have it any more. */
  private static double value(MetricRegistry metrics, String metric) {
    return switch (metrics.getMetrics().get(metric)) {
      case Counting counted -> counted.getCount();
      case Gauge<?> gauge when gauge.getValue() instanceof Number number -> number.doubleValue();
      case null, default -> Double.NaN;
    };
  }
}
