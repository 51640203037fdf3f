// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.gateway.ObjectStorage;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.auth.Permissions;
import dev.otaverify.gateway.operation.FirmwareFiles.UploadedFile;
import dev.otaverify.testinfra.TestInfra;
import io.r2dbc.spi.ConnectionFactories;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** What is removed when, with both stores and a real database. Time is what a test says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CleanUpIT {
  private static final Duration AGE = Duration.ofHours(24);
  private static final Duration GRACE = Duration.ofHours(1);
  /** Of the real clock, by which the stores stamp what they write: a test may last that long. */
  private static final Duration AHEAD = Duration.ofHours(1);
  private static final AccountId ACCOUNT = new AccountId("acme");
  private static final byte[] CONTENT = "firmware".getBytes(StandardCharsets.UTF_8);

  @TempDir
  private static @Nullable Path directory;
  private final ObjectStorage storage;
  private final Set<String> inUse = ConcurrentHashMap.newKeySet();
  private final DatabaseClient database;
  private final UnusedFiles unused;
  private final MovedClock clock = new MovedClock();
  private boolean away;
  private int number;

  CleanUpIT() throws Exception {
    storage = new ObjectStorage();
    var fresh = TestInfra.freshDatabase("clean_up");
    var server = fresh.host() + ":" + fresh.port() + "/" + fresh.database();
    Flyway.configure().dataSource("jdbc:postgresql://" + server, fresh.user(), fresh.password())
        .locations("classpath:db/api-gateway").load().migrate();
    database = DatabaseClient.create(ConnectionFactories
        .get("r2dbc:postgresql://" + fresh.user() + ":" + fresh.password() + "@" + server));
    unused = new UnusedFiles(database);
  }

  enum Kind {
    DIRECTORY, S3
  }

  /** Goes on only as a test says. */
  private static final class MovedClock extends Clock {
    private Instant now = Instant.now();

    void move(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  /** A gateway with its store. */
  private final class Gateway implements AutoCloseable {
    final Spool spool;
    final FileStore store;
    final CleanUp cleanUp;
    final StoredFirmwareFiles files;
    final UploadForms forms;

    Gateway(Kind kind) throws IOException {
      var own = Files.createTempDirectory(Objects.requireNonNull(directory), "gateway");
      spool = new Spool(own.resolve("incoming"));
      store = switch (kind) {
        case DIRECTORY -> new DirectoryStore(own, clock);
        case S3 -> new S3Store(new S3Properties(ObjectStorage.BUCKET, storage.uri(), "us-east-1", true,
            ObjectStorage.ACCESS_KEY, ObjectStorage.SECRET, null, own.getFileName() + "/", 4, 1,
            Duration.ofSeconds(30)), clock);
      };
      cleanUp = cleanUp();
      forms = new UploadForms(new FilesProperties(FilesProperties.Store.DIRECTORY, own, null, "http://files",
          "0123456789abcdef", DataSize.ofMegabytes(1), Duration.ofMinutes(5), AGE, GRACE, Duration.ofMinutes(1)),
          clock);
      files = new StoredFirmwareFiles(forms, store, unused);
    }

    /** Another one with the same store. */
    CleanUp cleanUp() {
      return new CleanUp(spool, store, unused, keys -> away
          ? Mono.error(new IllegalStateException("job-service is away"))
          : Mono.just(keys.stream().filter(inUse::contains).collect(Collectors.toSet())), AGE, GRACE, clock);
    }

    StoredFile upload(String key, byte[] content) throws IOException {
      var policy = new UploadPolicy(clock.instant(), key, 1000, ACCOUNT);
      try (var incoming = spool.begin(policy)) {
        incoming.write(ByteBuffer.wrap(content));
        return Objects.requireNonNull(store.keep(policy, incoming.finish()).block());
      }
    }

    @Nullable
    UploadedFile forFirmware(String key) {
      return files.find("http://files/files/" + key, new Caller(ACCOUNT, Permissions.ALL, CommandId.of("k", key),
          "f".repeat(64), "00-trace")).block();
    }

    Set<String> names() {
      return new HashSet<>(Objects.requireNonNull(store.items().map(FileStore.Item::name).collectList().block()));
    }

    void run() {
      cleanUp.run().block();
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @BeforeAll
  void untouched() {
    assertThat(unused.all().collectList().block()).isEmpty();
  }

  @BeforeEach
  void forget() {
    database.sql("delete from unused_file").then().block();
    inUse.clear();
    away = false;
    clock.now = Instant.now().plus(AHEAD);
  }

  @AfterAll
  void stop() throws Exception {
    storage.stop();
  }

  private String key() {
    return "k%021d.tar.gz".formatted(number++);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aFileThatNeverBecameFirmwareIsRefusedThenAndRemovedAnHourLater(Kind kind) throws Exception {
    try (var gateway = new Gateway(kind)) {
      var old = key();
      gateway.upload(old, CONTENT);
      var kept = key();
      gateway.upload(kept, CONTENT);
      inUse.add(kept);

      clock.move(AGE.minus(AHEAD.multipliedBy(2)));
      gateway.run();
      assertThat(gateway.forFirmware(old)).isNotNull();

      clock.move(AHEAD.multipliedBy(2));
      gateway.run();
      assertThat(gateway.forFirmware(old)).isNull();
      assertThat(gateway.forFirmware(kept)).isNotNull();
      // Devices may still have it.
      assertThat(gateway.store.find(old).block()).isNotNull();

      clock.move(GRACE.minusMinutes(1));
      gateway.run();
      assertThat(gateway.store.find(old).block()).isNotNull();

      clock.move(Duration.ofMinutes(1));
      gateway.run();
      assertThat(gateway.names()).hasSize(2).allMatch(name -> name.startsWith(kept));
      assertThat(gateway.forFirmware(old)).isNull();

      gateway.run();
      assertThat(unused.all().collectList().block()).isEmpty();
      assertThat(gateway.forFirmware(kept)).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aFileWhoseFirmwareIsCreatedWhileItIsMarkedStaysAndMayBeUsedAgain(Kind kind) throws Exception {
    try (var gateway = new Gateway(kind)) {
      var key = key();
      gateway.upload(key, CONTENT);
      clock.move(AGE);
      // The command was on its way when this was asked.
      gateway.run();
      inUse.add(key);

      clock.move(GRACE);
      gateway.run();

      assertThat(unused.all().collectList().block()).isEmpty();
      assertThat(gateway.forFirmware(key)).isNotNull();

      // And when that firmware is deleted.
      inUse.remove(key);
      gateway.run();
      clock.move(GRACE);
      gateway.run();
      assertThat(gateway.names()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whileJobServiceDoesNotAnswerNothingIsMarkedOrRemoved(Kind kind) throws Exception {
    try (var gateway = new Gateway(kind)) {
      var key = key();
      gateway.upload(key, CONTENT);
      clock.move(AGE);
      away = true;

      assertThatThrownBy(gateway::run).hasMessage("job-service is away");
      assertThat(gateway.forFirmware(key)).isNotNull();

      away = false;
      gateway.run();
      clock.move(GRACE.multipliedBy(100));
      away = true;
      assertThatThrownBy(gateway::run).hasMessage("job-service is away");
      assertThat(gateway.names()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void gatewaysThatCleanUpAtOnceRemoveOnceAndALateOneChangesNothing(Kind kind) throws Exception {
    try (var gateway = new Gateway(kind)) {
      var key = key();
      gateway.upload(key, CONTENT);
      clock.move(AGE);
      Mono.when(gateway.cleanUp().run(), gateway.cleanUp().run()).block();
      var mark = Objects.requireNonNull(unused.all().single().block());
      clock.move(GRACE);

      Mono.when(gateway.cleanUp().run(), gateway.cleanUp().run(), gateway.cleanUp().run()).block();

      assertThat(gateway.names()).isEmpty();
      // A gateway that had read "in use" before, or "not in use" before it was unmarked and marked again.
      unused.unmark(mark).block();
      assertThat(unused.all().collectList().block()).containsExactly(new UnusedFiles.Mark(key, mark.markedAt(), true));
      unused.forget(mark).block();
      unused.mark(List.of(key), clock.instant()).block();
      assertThat(unused.claim(mark).block()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aRemovalThatBrokeOffIsFinished(Kind kind) throws Exception {
    try (var gateway = new Gateway(kind)) {
      var key = key();
      gateway.upload(key, CONTENT);
      clock.move(AGE);
      gateway.run();
      assertThat(unused.claim(Objects.requireNonNull(unused.all().single().block())).block()).isTrue();
      gateway.store.remove(FileStore.description(key)).block();
      away = true;

      gateway.run();
      assertThat(gateway.names()).isEmpty();
      gateway.run();
      assertThat(unused.all().collectList().block()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void contentsThatNoDescriptionNamesAreRemovedWhenTheyAreOld(Kind kind) throws Exception {
    try (var gateway = new Gateway(kind)) {
      var undescribed = key();
      gateway.upload(undescribed, CONTENT);
      gateway.store.remove(FileStore.description(undescribed)).block();
      var twice = key();
      var former = gateway.upload(twice, CONTENT);
      gateway.store.remove(FileStore.description(twice)).block();
      var latter = gateway.upload(twice, CONTENT);
      inUse.add(twice);

      gateway.run();
      assertThat(gateway.names()).hasSize(4).contains(former.content());

      clock.move(AGE);
      gateway.run();
      assertThat(gateway.names()).containsExactlyInAnyOrder(latter.content(), FileStore.description(twice));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatNobodyGoesOnUploadingIsRemovedWhileTheGatewayRuns(Kind kind) throws Exception {
    try (var gateway = new Gateway(kind)) {
      var policy = new UploadPolicy(clock.instant(), key(), 1000, ACCOUNT);
      try (var abandoned = gateway.spool.begin(policy); var active = gateway.spool.begin(policy)) {
        abandoned.write(ByteBuffer.wrap(CONTENT));
        active.write(ByteBuffer.wrap(CONTENT));
        var path = abandoned.finish().path();
        Files.setLastModifiedTime(path, FileTime.from(clock.instant().minus(Duration.ofDays(2))));

        gateway.run();

        assertThat(path).doesNotExist();
        assertThat(active.finish().path()).exists();
      }
    }
  }
}
