// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.command;

import dev.otaverify.contracts.Command.ClientCommand;
import dev.otaverify.contracts.Command.CreateVerifyJob;
import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.gateway.Waiting;
import dev.otaverify.gateway.api.ApiException;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.Commands;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.kit.trace.KafkaSpans;
import dev.otaverify.kit.trace.Traces;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Sends commands through Kafka. What may be said about a command depends on how far it got: as long as Kafka's producer
 * has not taken it, certainly nothing was done; from then on only a reply tells.
 */
public final class KafkaCommands implements Commands {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaCommands.class);

  /** To find the trace of a job by. */
  private static final String JOB_ID = "ota.job.id";

  /**
   * Times of a command.
   *
   * @param reply how long a reply is waited for
   * @param life how long after its sending a command may still be decided
   */
  public record Times(Duration reply, Duration life) {}

  private final GatewayInstance instance;
  private final Producer<String, byte[]> producer;
  private final ReplyInbox inbox;
  private final ReplyWaiters waiters;
  private final CircuitBreaker breaker;
  private final Waiting waiting;
  private final Clock clock;
  private final Traces traces;
  private final Times times;

  KafkaCommands(GatewayInstance instance, Producer<String, byte[]> producer, ReplyInbox inbox, ReplyWaiters waiters,
      CircuitBreaker breaker, Waiting waiting, Clock clock, Traces traces, Times times) {
    this.instance = instance;
    this.producer = producer;
    this.inbox = inbox;
    this.waiters = waiters;
    this.breaker = breaker;
    this.waiting = waiting;
    this.clock = clock;
    this.traces = traces;
    this.times = times;
  }

  @Override
  public Mono<Instant> send(ClientCommand command, Caller caller) {
    return waiting
        .bounded(Mono.using(() -> waiters.register(caller.command(), instance.replyAddress(caller.fingerprint())),
            waiter -> inbox.isReady()
                ? handOver(command, caller).then(waiter.reply())
                    .timeout(times.reply())
                    .onErrorMap(TimeoutException.class, e -> GatewayException.outcomeUnknown())
                    .map(KafkaCommands::decidedAt)
                : Mono.error(GatewayException.unavailable("The way to job-service")),
            ReplyWaiters.Waiter::close));
  }

  private Mono<Void> handOver(ClientCommand command, Caller caller) {
    var encoded = encoded(command, caller);
    var span = KafkaSpans.sending(traces, Topics.COMMANDS, encoded.headers());
    if (command instanceof CreateVerifyJob create) {
      span.setAttribute(JOB_ID, create.jobId().value());
    }
    return handOver(
        KafkaRecords.record(Topics.COMMANDS, null, command.key(), Traces.continuing(span, encoded.headers()),
            encoded.value().getBytes(StandardCharsets.UTF_8)))
        .doOnSuccess(taken -> Traces.end(span, null))
        .doOnError(failure -> Traces.end(span, failure)).doOnCancel(span::end);
  }

  private Mono<Void> handOver(ProducerRecord<String, byte[]> record) {
    // The producer may block for its metadata, so this is never an event loop.
    return Mono.<Void>create(sink -> Thread.ofVirtual().name("command-sender").start(() -> {
      var sender = Thread.currentThread();
      try {
        // The callback hears of everything that the future would say.
        var unused = producer.send(record, (metadata, error) -> {
          if (error == null) {
            sink.success();
          } else {
            // Reported from within send() is what the producer did not take.
            sink.error(Thread.currentThread().equals(sender) ? new NotTakenException(error) : error);
          }
        });
      } catch (RuntimeException e) {
        sink.error(new NotTakenException(e));
      }
    })).transformDeferred(CircuitBreakerOperator.of(breaker)).onErrorMap(KafkaCommands::failure);
  }

  private Wire.Encoded encoded(ClientCommand command, Caller caller) {
    var now = clock.instant();
    var context = new CommandContext(caller.command(), caller.fingerprint(),
        instance.replyAddress(caller.fingerprint()), instance.replyPartition(), now.plus(times.life()));
    var encoded = Wire.encode(new Message<>(context.id().value(), Source.API_GATEWAY, command.key(), now,
        context.toExtensions(), command));
    var headers = new LinkedHashMap<>(encoded.headers());
    headers.put("traceparent", caller.traceparent());
    return new Wire.Encoded(headers, encoded.value());
  }

  private static Instant decidedAt(Reply reply) {
    return switch (reply) {
      case Reply.Accepted accepted -> accepted.at();
      case Reply.Rejected rejected -> throw refusal(rejected);
    };
  }

  private static ApiException refusal(Reply.Rejected rejected) {
    return rejected.code().equals(ErrorCode.NONCE_USED.code())
        ? GatewayException.badRequest(rejected.code(), rejected.message())
        : new RefusedException(rejected.code(), rejected.message());
  }

  private static ApiException failure(Throwable error) {
    return switch (error) {
      case CallNotPermittedException open -> GatewayException.unavailable("The way to job-service");
      case NotTakenException notTaken -> {
        LOG.atWarn().addKeyValue("topic", Topics.COMMANDS).log("Command was not taken by Kafka's producer: {}",
            String.valueOf(notTaken.getCause()));
        yield GatewayException.unavailable("The way to job-service");
      }
      default -> {
        LOG.atWarn().addKeyValue("topic", Topics.COMMANDS).log("Command was not acknowledged by Kafka: {}",
            error.toString());
        yield GatewayException.outcomeUnknown();
      }
    };
  }

  /** The producer has not taken the record, so it will not be sent. */
  private static final class NotTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotTakenException(Throwable cause) {
      super(cause);
    }
  }
}
