// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import dev.otaverify.dispatcher.device.Outbound;
import dev.otaverify.dispatcher.inputs.Messenger;
import dev.otaverify.dispatcher.inputs.Said;
import dev.otaverify.kit.trace.Traces;
import dev.otaverify.kit.unit.Subscription;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/**
 * Says things to devices over MQTT, at QoS 1 and with an expiry. What cannot be sent now is dropped, counted, and comes
 * again at the task's next push. Units only put messages into a queue; one thread takes them to the broker.
 */
final class MqttMessenger implements Messenger, SmartLifecycle, HealthIndicator {
  private static final Logger LOG = LoggerFactory.getLogger(MqttMessenger.class);
  // The client takes 64 publishes beside each other and keeps the caller of the next one waiting.
  private static final int IN_FLIGHT = 48;
  // OpenTelemetry's conventions for messaging.
  private static final String SYSTEM = "messaging.system";
  private static final String DESTINATION = "messaging.destination.name";
  private static final Duration CONNECTION_CHECK = Duration.ofMillis(20);
  private static final String PUSH = "push";
  private static final String ANSWER = "answer";

  private final Mqtt5AsyncClient client;
  private final DeviceMessages messages;
  private final CircuitBreaker breaker;
  private final MeterRegistry registry;
  private final Traces traces;
  private final Duration expiry;
  private final Duration sendTimeout;
  private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
  private final ThreadPoolExecutor queue;
  private final AtomicBoolean failing = new AtomicBoolean();
  private volatile boolean running;

  MqttMessenger(Mqtt5AsyncClient client, DeviceMessages messages, CircuitBreaker breaker, MeterRegistry registry,
      Traces traces, Duration expiry, Duration sendTimeout, int queueCapacity) {
    this.client = client;
    this.messages = messages;
    this.breaker = breaker;
    this.registry = registry;
    this.traces = traces;
    this.expiry = expiry;
    this.sendTimeout = sendTimeout;
    this.queue = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueCapacity),
        Thread.ofPlatform().daemon().name("mqtt-push").factory());
    for (var outcome : Outcome.values()) {
      messages(PUSH, outcome);
      messages(ANSWER, outcome);
    }
    Gauge.builder("ota.mqtt.waiting", queue, threads -> threads.getQueue().size()).baseUnit("messages")
        .description("Messages to devices that wait to be sent").register(registry);
    Gauge.builder("ota.mqtt.connected", client, state -> state.getState() == MqttClientState.CONNECTED ? 1 : 0)
        .description("Whether this instance is connected to the MQTT broker: 1 or 0").register(registry);
  }

  /** What became of a message. */
  private enum Outcome {
    SENT, QUEUE_FULL, CIRCUIT_OPEN, NOT_SENT;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Runnable sending(Said said, Instant now) {
    return () -> {
      var message = said.message();
      var attempt = new Attempt(message,
          traces.begin("publish " + kind(message), SpanKind.PRODUCER, said.traceContext()));
      try {
        queue.execute(() -> send(attempt, now));
      } catch (RejectedExecutionException full) {
        lost(attempt, Outcome.QUEUE_FULL, null);
      }
    };
  }

  /** One message on its way, from when it may be sent until the broker has it. */
  private record Attempt(Outbound message, Span span) {}

  private void send(Attempt attempt, Instant now) {
    if (!breaker.tryAcquirePermission()) {
      lost(attempt, Outcome.CIRCUIT_OPEN, null);
      return;
    }
    long begun = System.nanoTime();
    try {
      var message = mqtt(messages.of(attempt.message(), now));
      attempt.span().setAttribute(SYSTEM, "mqtt").setAttribute(DESTINATION, message.getTopic().toString());
      awaitConnection();
      if (!inFlight.tryAcquire(sendTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("mqtt: " + IN_FLIGHT + " messages unacknowledged (expected: fewer)");
      }
      publish(attempt, message, begun);
    } catch (InterruptedException stopping) {
      breaker.releasePermission();
      Traces.end(attempt.span(), stopping);
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failed(attempt, begun, e);
    }
  }

  /**
   * A broker that has just been started again is back in a moment; the task's next push is half a minute away. Not longer
   * than for a moment, though: while it reconnects the client would keep messages, and send them when they are of no use.
   */
  private void awaitConnection() throws InterruptedException {
    long deadline = System.nanoTime() + sendTimeout.toNanos();
    while (client.getState() != MqttClientState.CONNECTED) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("mqtt: " + client.getState() + " (expected: CONNECTED)");
      }
      Thread.sleep(CONNECTION_CHECK);
    }
  }

  private void publish(Attempt attempt, Mqtt5Publish message, long begun) {
    var unused = client.publish(message)
        // The place is free when the client is done with the message: after a lost connection long after we are.
        .whenComplete((result, failure) -> inFlight.release())
        .orTimeout(sendTimeout.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((result, failure) -> {
          @Nullable
          Throwable error = failure != null ? failure : result.getError().orElse(null);
          if (error != null) {
            failed(attempt, begun, error);
            return;
          }
          breaker.onSuccess(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
          Traces.end(attempt.span(), null);
          count(attempt.message(), Outcome.SENT);
          if (failing.getAndSet(false)) {
            LOG.info("messages get through again");
          }
        });
  }

  private Mqtt5Publish mqtt(DeviceMessage message) {
    return Mqtt5Publish.builder().topic(message.topic()).qos(MqttQos.AT_LEAST_ONCE)
        .payload(message.payload().getBytes(StandardCharsets.UTF_8)).contentType("application/json")
        .messageExpiryInterval(expiry.toSeconds()).build();
  }

  private void failed(Attempt attempt, long begun, Throwable cause) {
    breaker.onError(System.nanoTime() - begun, TimeUnit.NANOSECONDS, cause);
    lost(attempt, Outcome.NOT_SENT, cause);
  }

  private void lost(Attempt attempt, Outcome why, @Nullable Throwable cause) {
    var message = attempt.message();
    attempt.span().setStatus(StatusCode.ERROR, why.label()).end();
    count(message, why);
    // Each is counted; of those that are lost in a row the first is worth a warning, or it would be thousands.
    (failing.getAndSet(true) ? LOG.atDebug() : LOG.atWarn()).addKeyValue("device", message.device())
        .addKeyValue("kind", kind(message)).addKeyValue("why", why.label()).addKeyValue("cause", String.valueOf(cause))
        .log("message to device lost");
  }

  private void count(Outbound message, Outcome outcome) {
    messages(kind(message), outcome).increment();
  }

  private Counter messages(String kind, Outcome outcome) {
    return Counter.builder("ota.mqtt.messages").tag("kind", kind).tag("outcome", outcome.label())
        .description("Messages to devices: pushes of a firmware and answers to who asked for one").register(registry);
  }

  private static String kind(Outbound message) {
    return switch (message) {
      case Outbound.Push push -> PUSH;
      case Outbound.Answer answer -> ANSWER;
    };
  }

  /** Connects in the background, and again and again: the service is of use without it. */
  @Override
  public void start() {
    running = true;
    var unused = client.connectWith().cleanStart(true).keepAlive(15).send().whenComplete((ack, failure) -> {
      if (failure != null && running) {
        LOG.atWarn().addKeyValue("cause", failure.toString()).log("mqtt not connected");
      }
    });
  }

  @Override
  public void stop() {
    running = false;
    queue.shutdown();
    try {
      if (!queue.awaitTermination(sendTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
        queue.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var unused = client.disconnect().exceptionally(notConnected -> null).orTimeout(1, TimeUnit.SECONDS);
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before the units, and stopped after them: what they decide on their last way out is still sent. */
  @Override
  public int getPhase() {
    return Subscription.PHASE - 1;
  }

  @Override
  public Health health() {
    var state = client.getState();
    return (state == MqttClientState.CONNECTED ? Health.up() : Health.down()).withDetail("state", state)
        .withDetail("circuit", breaker.getState()).build();
  }
}
