// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.LoggingSystem;

/** All parts in this JVM: first the infrastructure, then what needs it, and stopped the other way round. */
public final class LocalStack implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalStack.class);

  /** In the order they start; those of one list start, and stop, together. */
  public static final List<List<Part>> STAGES = List.of(List.of(Part.POSTGRES, Part.KAFKA),
      List.of(Part.JOB_SERVICE, Part.STATUS_AGGREGATOR, Part.MQTT_BROKER, Part.DEVICE_DISPATCHER, Part.API_GATEWAY));

  private final Deque<List<AutoCloseable>> running = new ArrayDeque<>();
  private boolean closed;

  private LocalStack() {}

  /** Starts all parts; returns when all are ready. If one does not start, what was started is stopped. */
  public static LocalStack start(Settings settings) {
    // The services share this JVM's logging: each would set it up anew, beside the others, and break their start.
    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
    var stack = new LocalStack();
    try {
      for (var stage : STAGES) {
        List<AutoCloseable> started = new ArrayList<>();
        stack.running.push(started);
        together(stage.stream().<Runnable>map(part -> () -> {
          var one = part.start(settings);
          synchronized (started) {
            started.add(one);
          }
        }).toList());
      }
    } catch (RuntimeException | Error e) {
      stack.close();
      throw e;
    }
    return stack;
  }

  /** Stops all parts. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (var stage : running) {
      together(stage.stream().<Runnable>map(part -> () -> close(part)).toList());
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.atWarn().setCause(e).log("a part did not stop cleanly");
    }
  }

  private static void together(List<Runnable> tasks) {
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("stack-", 0).factory())) {
      CompletableFuture
          .allOf(tasks.stream().map(task -> CompletableFuture.runAsync(task, threads))
              .toArray(CompletableFuture<?>[]::new))
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
