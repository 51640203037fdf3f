// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.sweep;

import static dev.otaverify.dispatcher.device.Story.DEVICE;
import static dev.otaverify.dispatcher.device.Story.OTHER_TASK;
import static dev.otaverify.dispatcher.device.Story.TASK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.Source;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import dev.otaverify.dispatcher.TestTables;
import dev.otaverify.dispatcher.device.Story;
import dev.otaverify.dispatcher.inputs.TestHandler;
import dev.otaverify.kit.KafkaRecords;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SweeperIT {
  private static final Duration LONG = Duration.ofHours(1);

  private final TestTables tables = new TestTables();
  private final KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
      Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, TestInfra.kafkaBootstrapServers()), new StringSerializer(),
      new ByteArraySerializer());
  private final KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
      Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, TestInfra.kafkaBootstrapServers()), new StringDeserializer(),
      new ByteArrayDeserializer());
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  @BeforeEach
  void begin() {
    TestInfra.createTopics(Topics.all());
    var partitions = new ArrayList<TopicPartition>();
    for (int i = 0; i < Topics.PARTITIONS; i++) {
      partitions.add(new TopicPartition(Topics.DEVICE_INPUTS, i));
    }
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
  }

  @AfterEach
  void end() {
    producer.close();
    consumer.close();
  }

  private Sweeper sweeper(int pageSize, Duration resend) {
    return new Sweeper(tables.database(), producer,
        new SweeperProperties(Duration.ofMillis(200), pageSize, resend, LONG), new SimpleMeterRegistry());
  }

  private DeviceInput.AssignTask assign(DeviceId device, TaskId task, Duration sinceCreation) {
    return new DeviceInput.AssignTask(device, task, Story.full(), Story.TIMEOUT, true, false, List.of(),
        now.minus(sinceCreation));
  }

  private List<Message<DeviceInput>> written() {
    producer.flush();
    var ends = consumer.endOffsets(consumer.assignment());
    var messages = new ArrayList<Message<DeviceInput>>();
    while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      for (var read : consumer.poll(Duration.ofMillis(100))) {
        var message = Wire.decode(KafkaRecords.textOf(read.headers()), read.value(), DeviceInput.class);
        assertThat(read.key()).isEqualTo(message.data().device().key());
        messages.add(message);
      }
    }
    return messages;
  }

  @Test
  void whatIsDueIsWrittenIntoTheDevicesLogAndNothingElse() {
    var other = new DeviceId(Story.PRODUCT, new DeviceName("device-2"));
    var late = assign(DEVICE, TASK, Story.TIMEOUT.plusSeconds(1));
    tables.unit(TestHandler.create(), now, List.of(late, assign(other, OTHER_TASK, Duration.ZERO)));

    sweeper(500, LONG).sweep();

    var dueAt = now.minusSeconds(1);
    assertThat(written()).singleElement().satisfies(message -> {
      assertThat(message.data()).isEqualTo(new DeviceInput.DeadlineReached(DEVICE, TASK, dueAt));
      assertThat(message.id()).isEqualTo("due:deadline:" + TASK + ":" + dueAt);
      assertThat(message.source()).isEqualTo(Source.DEVICE_DISPATCHER);
    });
  }

  @Test
  void aPushThatIsDueIsWrittenWithTheTimeItWasPlannedFor() {
    var past = now.minus(Duration.ofMinutes(10));
    tables.unit(TestHandler.create(), past,
        List.of(new DeviceInput.Connected(DEVICE, 1, null, past),
            new DeviceInput.VersionReported(DEVICE, ModuleName.DEFAULT, "1.0.0", past),
            assign(DEVICE, TASK, Duration.ZERO)));

    sweeper(500, LONG).sweep();

    assertThat(written()).extracting(Message::data)
        .containsExactly(new DeviceInput.PushDue(DEVICE, TASK, past.plus(Story.POLICY.pauses().getFirst())));
  }

  @Test
  void allThatIsDueIsWrittenOnceWhateverThePageSizeAndNotAgainAtOnce() {
    var inputs = new ArrayList<DeviceInput>();
    for (int i = 0; i < 25; i++) {
      // Several at the same time, over the end of a page.
      inputs.add(assign(new DeviceId(Story.PRODUCT, new DeviceName("device-" + i)), TaskId.of(TASK.jobId(), i),
          Story.TIMEOUT.plusSeconds(i / 7)));
    }
    tables.unit(TestHandler.create(), now, inputs);
    var sweeper = sweeper(4, LONG);

    sweeper.sweep();
    sweeper.sweep();

    assertThat(written()).extracting(message -> message.data().device()).hasSize(25).doesNotHaveDuplicates();
  }

  @Test
  void whatStaysDueIsWrittenAgainWithTheSameId() {
    tables.unit(TestHandler.create(), now, List.of(assign(DEVICE, TASK, Story.TIMEOUT)));
    var sweeper = sweeper(500, Duration.ofNanos(1));

    sweeper.sweep();
    sweeper.sweep();

    assertThat(written()).extracting(Message::id).hasSize(2).containsOnly("due:deadline:" + TASK + ":" + now);
  }

  @Test
  void whatWasJudgedIsNotDueAnyMore() {
    tables.unit(TestHandler.create(), now, List.of(assign(DEVICE, TASK, Story.TIMEOUT)));
    var sweeper = sweeper(500, Duration.ofNanos(1));
    sweeper.sweep();
    tables.unit(TestHandler.create(), now, written().stream().map(Message::data).toList());

    sweeper.sweep();

    assertThat(written()).isEmpty();
    assertThat(tables.rows("select to_jsonb(status || ' ' || reason) from device_task")).singleElement().asString()
        .isEqualTo("\"FAILED START_TIMEOUT\"");
  }
}
