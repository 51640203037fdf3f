// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All parts in this JVM. What was started first is stopped last. */
final class LocalStack implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalStack.class);

  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private boolean closed;

  private LocalStack() {}

  /** Starts all parts; returns when all are ready. If one does not start, what was started is stopped. */
  static LocalStack start(Settings settings) {
    var stack = new LocalStack();
    try {
      stack.startTogether(settings, List.of(Part.POSTGRES, Part.KAFKA));
      stack.startTogether(settings, List.of(Part.JOB_SERVICE, Part.STATUS_AGGREGATOR, Part.MQTT_BROKER,
          Part.DEVICE_DISPATCHER, Part.API_GATEWAY));
    } catch (RuntimeException | Error e) {
      stack.close();
      throw e;
    }
    return stack;
  }

  private void startTogether(Settings settings, List<Part> parts) {
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("start-", 0).factory())) {
      var starting = parts.stream()
          .map(part -> CompletableFuture.runAsync(() -> add(part.start(settings)), threads)).toList();
      CompletableFuture.allOf(starting.toArray(CompletableFuture<?>[]::new)).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private synchronized void add(AutoCloseable part) {
    running.push(part);
  }

  /** Stops all parts, the infrastructure last. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (var part : running) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.atWarn().setCause(e).log("a part did not stop cleanly");
      }
    }
  }
}
