// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.agent;

import dev.otaverify.contracts.FirmwareEvent.TaskFailed;
import dev.otaverify.dispatcher.device.DeviceTask;
import dev.otaverify.kit.sql.Sql;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** What the advices of {@link Agent} call. */
public final class Defects {
  private Defects() {}

  /** Pauses, for any time up to the most. */
  public static void hesitate() {
    int most = Integer.getInteger(Agent.HESITATE, 0);
    var random = ThreadLocalRandom.current();
    if (most > 0) {
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

  /** Publishes a unit's output in both steps: the records of each {@code PartitionOwner} with its {@code Outlet}. */
  public static void publish(Map<?, ?> records) {
    try {
      for (var entry : records.entrySet()) {
        var outlet = method(entry.getKey(), "outlet").invoke(entry.getKey());
        var publish = method(outlet, "publish");
        for (var step : publish.getParameterTypes()[0].getEnumConstants()) {
          publish.invoke(outlet, step, entry.getValue());
        }
        if (!((List<?>) entry.getValue()).isEmpty()) {
          hesitate();
        }
      }
    } catch (ReflectiveOperationException e) {
      LoggerFactory.getLogger(Defects.class).atError().setCause(e).log("the defect did not work");
      Runtime.getRuntime().halt(1);
    }
  }

  private static Method method(Object target, String name) {
    for (Method method : target.getClass().getDeclaredMethods()) {
      if (method.getName().equals(name)) {
        method.setAccessible(true);
        return method;
      }
    }
    throw new IllegalStateException(target.getClass() + ": no " + name);
  }

  /** The same partitions, each from its beginning: every row is as far as that. */
  public static Map<?, Long> beginnings(Map<?, ?> ends) {
    return ends.keySet().stream().collect(Collectors.toMap(partition -> partition, partition -> 0L));
  }

  /** Locks the rows of partitions, whoever has them. */
  public static Instant lock(Object sql, String topic, Integer[] partitions) {
    return ((Sql) sql).query(row -> row.getObject(1, OffsetDateTime.class).toInstant(),
        """
        select transaction_timestamp() from consumer_position
        where topic = ? and partition = any(?) order by partition for update""", topic, partitions).getLast();
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
