// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.CommandContext;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.Reply;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.KafkaRecords;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Plays job-service on the real topics: reads commands, and answers as a test says. */
final class JobServiceDouble implements AutoCloseable {
  static final Instant DECIDED = Instant.parse("2026-11-23T14:38:59.123456Z");

  /** A command as it came, with its context and the headers of its record. */
  record Received(Command command, CommandContext context, Map<String, String> headers, @Nullable String key) {}

  final List<Received> received = new CopyOnWriteArrayList<>();
  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaProducer<String, byte[]> producer;
  private volatile BiFunction<Command, CommandContext, @Nullable Reply> decision = JobServiceDouble::accept;

  JobServiceDouble(String bootstrapServers) {
    consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers), new StringDeserializer(),
        new ByteArrayDeserializer());
    producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrapServers), new StringSerializer(),
        new ByteArraySerializer());
    var partitions = IntStream.range(0, Topics.PARTITIONS).mapToObj(p -> new TopicPartition(Topics.COMMANDS, p))
        .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    Thread.ofPlatform().daemon().start(this::run);
  }

  static Reply accept(Command command, CommandContext context) {
    return new Reply.Accepted(context.id(), DECIDED);
  }

  /** From now on; null is no answer. */
  void decide(BiFunction<Command, CommandContext, @Nullable Reply> decided) {
    decision = decided;
  }

  private void run() {
    try {
      while (true) {
        consumer.poll(Duration.ofSeconds(1)).forEach(record -> {
          var headers = KafkaRecords.textOf(record.headers());
          var message = Wire.decode(headers, record.value(), Command.class);
          var context = CommandContext.of(message);
          received.add(new Received(message.data(), context, headers, record.key()));
          @Nullable
          Reply reply = decision.apply(message.data(), context);
          if (reply != null) {
            send(reply, context);
          }
        });
      }
    } catch (WakeupException end) {
      consumer.close();
    }
  }

  private void send(Reply reply, CommandContext context) {
    var encoded = Wire.encode(new Message<>("reply-" + context.id(), Source.JOB_SERVICE, context.id().value(), DECIDED,
        Map.of("replyinstance", context.replyInstance()), reply));
    var unused = producer.send(KafkaRecords.record(Topics.REPLIES, context.replyPartition(), null, encoded.headers(),
        encoded.value().getBytes(StandardCharsets.UTF_8)));
    producer.flush();
  }

  @Override
  public void close() {
    consumer.wakeup();
    producer.close();
  }
}
