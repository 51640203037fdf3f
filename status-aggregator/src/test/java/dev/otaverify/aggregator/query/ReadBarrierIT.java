// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.otaverify.aggregator.Scenario;
import dev.otaverify.aggregator.TestRows;
import dev.otaverify.aggregator.projection.Commits;
import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.query.FirmwareStatus;
import dev.otaverify.contracts.query.FirmwareView;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The rows are written as another replica writes them: nothing in this JVM wakes the query. */
class ReadBarrierIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final TestRows rows = new TestRows();
  private final Scenario scenario = new Scenario("barrier");
  private final TopicPartition firmwareLog = Partitions.of(scenario.firmware);
  private final TopicPartition productLog = Partitions.of(scenario.product);

  @Test
  void aQueryWaitsUntilBothLogsAreAsFarAsTheyWereWhenItCame() {
    var answer = ask(Duration.ofSeconds(9), Map.of(firmwareLog, 5L, productLog, 7L));

    writeFirmware();
    writeProduct();
    fold(firmwareLog, 5);
    fold(productLog, 6);
    assertThat(answer).isNotDone();

    fold(productLog, 7);
    assertThat(answer).succeedsWithin(LIMIT).isEqualTo(
        new FirmwareView(scenario.firmware, scenario.spec(), "lamp", FirmwareStatus.VERIFYING,
            50, Scenario.START, Scenario.START));
  }

  @Test
  void aQueryIsRefusedRatherThanAnsweredWithWhatIsOld() {
    writeFirmware();
    writeProduct();
    fold(firmwareLog, 4);
    fold(productLog, 7);

    assertThatThrownBy(() -> ask(Duration.ofMillis(200), Map.of(firmwareLog, 5L, productLog, 7L)).join())
        .hasCauseInstanceOf(BehindException.class);
    assertThatThrownBy(() -> ask(Duration.ofMillis(200), Map.of(firmwareLog, 4L)).join())
        .as("Kafka said nothing of the product's partition").hasCauseInstanceOf(BehindException.class);
  }

  /** Rows are read while Kafka is asked. What it says comes later, and counts. */
  @Test
  void rowsReadBeforeTheEndsWereKnownAreJudgedByThem() {
    writeFirmware();
    writeProduct();
    fold(firmwareLog, 4);
    fold(productLog, 7);
    var ends = Sinks.<Map<TopicPartition, Long>>one();
    var reads = new AtomicInteger();

    var barrier = barrier(LIMIT, ends.asMono());
    var answer = barrier.read(barrier.rows(FirmwareSnapshot.Many.class, FirmwareSnapshot.STATEMENT,
        (Object) new String[]{scenario.firmware.value()}).map(many -> many.snapshots().getFirst())
        .doOnNext(read -> reads.incrementAndGet())).toFuture();
    await().atMost(LIMIT).untilAsserted(() -> assertThat(reads).hasValue(1));
    update("update firmware set verify_progress = 60 where firmware_id = ?", scenario.firmware.value());
    fold(firmwareLog, 5);
    ends.tryEmitValue(Map.of(firmwareLog, 5L, productLog, 7L)).orThrow();

    assertThat(answer).succeedsWithin(LIMIT)
        .satisfies(read -> assertThat(Objects.requireNonNull(read.firmware()).verifyProgress()).isEqualTo(60));
    assertThat(reads).hasValue(2);
  }

  /** The product was created by a command in another log: its event may come after that of its firmware. */
  @Test
  void aFirmwareWithoutItsProductIsNoAnswer() {
    var answer = ask(Duration.ofSeconds(9), Map.of(firmwareLog, 5L, productLog, 7L));
    writeFirmware();
    fold(productLog, 7);
    fold(firmwareLog, 5);
    assertThat(answer).isNotDone();

    writeProduct();
    assertThat(answer).succeedsWithin(LIMIT).extracting(FirmwareView::productName).isEqualTo("lamp");
  }

  @Test
  void whatThereIsNotIsKnownFromItsOwnPartition() {
    fold(firmwareLog, 5);
    assertThat(ask(LIMIT, Map.of(firmwareLog, 5L, productLog, 7L))).succeedsWithin(LIMIT).isNull();

    writeFirmware();
    writeProduct();
    fold(productLog, 7);
    assertThat(queries(LIMIT, Map.of(firmwareLog, 5L, productLog, 7L))
        .firmware(new AccountId("another"), scenario.firmware).blockOptional(LIMIT)).isEmpty();
  }

  private CompletableFuture<FirmwareView> ask(Duration deadline, Map<TopicPartition, Long> ends) {
    return queries(deadline, ends).firmware(Scenario.ACCOUNT, scenario.firmware).toFuture();
  }

  private StatusQueries queries(Duration deadline, Map<TopicPartition, Long> ends) {
    return new StatusQueries(barrier(deadline, Mono.just(ends)));
  }

  private ReadBarrier barrier(Duration deadline, Mono<Map<TopicPartition, Long>> ends) {
    return new ReadBarrier(() -> ends, rows.connections, new Commits(),
        new QueryProperties(deadline, Duration.ofMillis(5)));
  }

  private void fold(TopicPartition partition, long position) {
    update(
        """
        insert into consumer_position (topic, partition, topic_id, partition_count, epoch, position)
        values (?, ?, 'id', 12, 1, ?) on conflict (topic, partition) do update set position = excluded.position""",
        partition.topic(), partition.partition(), position);
  }

  private void writeFirmware() {
    update(
        """
        insert into firmware (firmware_id, account, product_key, spec, status, verify_progress, created_at, modified_at,
          job_service_number)
        values (?, ?, ?, ?::jsonb, 'VERIFYING', 50, ?::timestamptz, ?::timestamptz, 2)""",
        scenario.firmware.value(), Scenario.ACCOUNT.value(), scenario.product.value(), spec(),
        Scenario.START.toString(), Scenario.START.toString());
  }

  private void writeProduct() {
    update("""
           insert into product (product_key, account, name, node_type, data_format, created_at, job_service_number)
           values (?, ?, 'lamp', 0, 1, now(), 1)""", scenario.product.value(), Scenario.ACCOUNT.value());
  }

  private String spec() {
    var spec = scenario.spec();
    return """
           {"product_key": "%s", "module_name": "default", "name": "%s", "dest_version": "2.0.0", "type": "FULL",
            "file": {"key": "key", "url": "%s", "size": 7, "md5": "%s", "sha256": "%s", "sign_method": "MD5"},
            "need_to_verify": true}""".formatted(spec.productKey(), spec.name(), spec.file().url(), spec.file().md5(),
        spec.file().sha256());
  }

  private void update(String sql, Object... parameters) {
    long updated = rows.inTransaction(s -> s.update(sql, parameters));
    assertThat(updated).isEqualTo(1);
  }
}
