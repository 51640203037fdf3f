// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LagTest {
  @Test
  void aKafkaThatDoesNotAnswerIsNoticedAfterAWhile() throws IOException {
    var now = new AtomicLong();
    // It takes connections and never says anything.
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + silent.getLocalPort()))) {
      var lag = new Lag(admin, "ota.commands",
          new UnitMetrics(new SimpleMeterRegistry()).of("ota.commands", List::of), now::get);

      assertThat(lag.isAnswered()).isFalse();
      lag.update(Map::of);
      lag.update(() -> Map.of(new TopicPartition("ota.commands", 0), 7L));
      now.addAndGet(Duration.ofSeconds(2).toNanos());
      assertThat(lag.isAnswered()).isFalse();

      admin.close(Duration.ZERO);
    }
  }
}
