// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.kit.trace.KafkaSpans;
import dev.otaverify.kit.trace.Traces;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** Publishes a unit's output in its two steps. Returns when Kafka has acknowledged all of it. */
final class Publisher implements Outlet {
  private final Producer<String, byte[]> producer;
  private final Traces traces;

  Publisher(Producer<String, byte[]> producer, Traces traces) {
    this.producer = producer;
    this.traces = traces;
  }

  @Override
  public List<Outgoing> toStore(List<ConsumerRecord<String, byte[]>> read, List<Outgoing> output) {
    return output;
  }

  /** @throws KafkaException if a record of the step was not acknowledged; some of them may have been */
  @Override
  public void publish(Step step, List<Outgoing> records) {
    var acknowledgements = records.stream().filter(outgoing -> outgoing.step() == step).map(this::send)
        .toArray(CompletableFuture<?>[]::new);
    if (acknowledgements.length == 0) {
      return;
    }
    try {
      CompletableFuture.allOf(acknowledgements).get();
    } catch (ExecutionException e) {
      throw new KafkaException("publish: not acknowledged (expected: all of the step)", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private CompletableFuture<Void> send(Outgoing outgoing) {
    var acknowledged = new CompletableFuture<Void>();
    var span = KafkaSpans.sending(traces, outgoing.topic(), outgoing.headers());
    var headers = Traces.continuing(span, outgoing.headers());
    var unused = producer
        .send(KafkaRecords.record(outgoing.topic(), outgoing.partition(), outgoing.key(), headers,
            outgoing.value()), (metadata, failure) -> {
              Traces.end(span, failure);
              if (failure == null) {
                acknowledged.complete(null);
              } else {
                acknowledged.completeExceptionally(failure);
              }
            });
    return acknowledged;
  }
}
