// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.agent;

import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.dispatcher.device.DeviceTask;
import io.r2dbc.spi.Connection;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** What the advices of {@link Agent} call. */
public final class Defects {
  private static final int ONE_IN = 4;

  private Defects() {}

  /** Pauses now and then. */
  public static void hesitate() {
    int most = Integer.getInteger(Agent.HESITATE, 0);
    var random = ThreadLocalRandom.current();
    if (most > 0 && random.nextInt(ONE_IN) == 0) {
      sleep(random.nextInt(most));
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Publishes a unit's output in both steps, with a {@code Publisher}. */
  public static void publish(Object publisher, List<?> records) {
    try {
      for (Method method : publisher.getClass().getDeclaredMethods()) {
        if (method.getName().equals("publish")) {
          method.setAccessible(true);
          for (var step : method.getParameterTypes()[0].getEnumConstants()) {
            method.invoke(publisher, step, records);
          }
        }
      }
    } catch (ReflectiveOperationException e) {
      LoggerFactory.getLogger(Defects.class).atWarn().setCause(e).log("the defect did not work");
    }
    if (!records.isEmpty()) {
      hesitate();
    }
  }

  /** The same partitions, each from its beginning: every row is as far as that. */
  public static Map<?, Long> beginnings(Map<?, ?> ends) {
    return ends.keySet().stream().collect(Collectors.toMap(partition -> partition, partition -> 0L));
  }

  /** Locks the row of a partition, whoever has it. */
  public static Mono<Instant> lock(Object partition, Object connection) {
    var of = (TopicPartition) partition;
    return Mono
        .from(((Connection) connection)
            .createStatement("""
                             select transaction_timestamp() from consumer_position
                             where topic = $1 and partition = $2 for update""")
            .bind(0, of.topic()).bind(1, of.partition()).execute())
        .flatMap(result -> Mono.from(result.map((row, metadata) -> {
          var now = row.get(0, Instant.class);
          return now == null ? Instant.EPOCH : now;
        })));
  }

  /** What is left of a task that has run out of time: not its end. */
  public static Object reopened(Object task, Object event) {
    return event instanceof TaskFailed failed && (failed.reason() == TaskFailed.Reason.START_TIMEOUT
        || failed.reason() == TaskFailed.Reason.FINISH_TIMEOUT)
            ? new DeviceTask.InProgress(((DeviceTask) task).assignment(), 1, 0, "",
                failed.at().plus(Duration.ofDays(1)))
            : task;
  }
}
