// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import dev.otaverify.gateway.FirmwareLog.Firmware;
import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Webhooks from outside, with two gateways that have one database, so with two senders always. */
class WebhookIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String VERIFIED = "dev.otaverify.firmware.verified.v1";
  private static final String COMPLETED = "dev.otaverify.job.completed.v1";

  @TempDir
  static Path directory;
  private static TestDatabase database;
  private static RunningGateway one;
  private static RunningGateway other;
  private static FirmwareLog log;
  private final List<String> created = new ArrayList<>();
  private Receiver receiver;

  /** A webhook as its creation was answered. */
  record Hook(String id, String secret) {}

  @BeforeAll
  static void start() throws Exception {
    database = TestInfra.freshDatabase("api-gateway");
    log = new FirmwareLog();
    String[] settings = {"--ota.webhooks.allow-loopback=true", "--ota.webhooks.timeout=4s", "--ota.webhooks.lease=8s",
        "--ota.webhooks.connect-timeout=1s", "--ota.webhooks.first-retry=100ms", "--ota.webhooks.longest-retry=400ms",
        "--ota.webhooks.poll-interval=200ms", "--ota.webhooks.concurrency-per-webhook=4",
        "--ota.webhooks.per-account=3",
        "--ota.gateway.access-keys[1].id=otherid", "--ota.gateway.access-keys[1].secret=othersecret",
        "--ota.gateway.access-keys[1].account=other"};
    one = new RunningGateway(TestInfra.kafkaBootstrapServers(), database, directory, settings);
    other = new RunningGateway(TestInfra.kafkaBootstrapServers(), database, directory, settings);
    await().atMost(PATIENCE).until(() -> one.readiness() == 200 && other.readiness() == 200);
  }

  @AfterAll
  static void stop() {
    one.close();
    other.close();
    log.close();
  }

  @BeforeEach
  void aReceiver() throws Exception {
    receiver = new Receiver();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    receiver.close();
    for (var id : created) {
      call("DeleteOTAWebhook", Map.of("WebhookId", id));
    }
  }

  @Test
  void anEndpointIsToldOfTheEventsFromItsCreationOnSignedAndInTheirOrder() throws Exception {
    var firmware = log.firmware().created("acme").goesOn(20);
    var foreign = log.firmware().created("nobody");
    var hook = create("/a", Map.of());

    firmware.goesOn(5);
    foreign.goesOn(1);
    firmware.publishesTheLastAgain();
    var late = log.firmware().created("acme");

    takes("/a", firmware, firmware.events.subList(21, 26));
    takes("/a", late, late.events);
    assertThat(receiver.received("/a", foreign.id.value())).isEmpty();
    for (var request : receiver.received) {
      request.verify(hook.secret());
    }
    var last = receiver.taken.stream().filter(request -> request.id().equals(firmware.events.getLast())).findFirst()
        .orElseThrow();
    assertThat(last.header("content-type")).isEqualTo("application/cloudevents+json");
    assertThat(last.header("webhook-timestamp")).satisfies(seconds -> assertThat(
        Instant.ofEpochSecond(Long.parseLong(seconds))).isBetween(Instant.now().minusSeconds(60), Instant.now()));
    var traceparent = last.json().path("traceparent").asString();
    assertThat(traceparent).startsWith(FirmwareLog.TRACE.substring(0, 36));
    assertThat(last.body()).isEqualTo("{\"specversion\":\"1.0\",\"id\":\"" + firmware.events.getLast()
        + "\",\"source\":\"/otaverify/status-aggregator\",\"type\":\"" + COMPLETED + "\",\"subject\":\"" + firmware.id
        + "\",\"time\":\"2026-11-23T14:38:59.123456Z\",\"sequence\":\"26\",\"traceparent\":\"" + traceparent
        + "\",\"datacontenttype\":\"application/json\",\"data\":{\"firmwareId\":\"" + firmware.id + "\",\"jobId\":\""
        + last.json().at("/data/jobId").asString() + "\",\"canceled\":false,\"at\":\"2026-11-23T14:38:59.123456Z\"}}");
    var entries = deliveries(hook, Map.of("FirmwareId", firmware.id.value(), "State", "DELIVERED", "PageSize", "2"));
    assertThat(entries.path("Total").asInt()).isEqualTo(5);
    assertThat(entries.at("/Data/OTAWebhookDelivery/0/EventId").asString()).isEqualTo(firmware.events.getLast());
    assertThat(entries.at("/Data/OTAWebhookDelivery/0/Attempts").asInt()).isEqualTo(1);
    assertThat(entries.at("/Data/OTAWebhookDelivery/0/HttpStatus").asInt()).isEqualTo(200);
  }

  @Test
  void anEndpointThatFailsHangsAndIsAwayGetsEverythingInOrderWhenItIsBack() throws Exception {
    var hook = create("/a", Map.of());
    var firmware = List.of(log.firmware(), log.firmware(), log.firmware());
    var tried = new ConcurrentHashMap<String, Integer>();
    var hung = new AtomicInteger();
    receiver.decide(request -> switch (tried.merge(request.id(), 1, Integer::sum)) {
      case 1 -> 500;
      case 2 -> {
        // One of each firmware takes longer than is waited for.
        if (hung.incrementAndGet() <= 3) {
          sleep(Duration.ofSeconds(5));
        }
        yield 503;
      }
      default -> 200;
    });
    firmware.forEach(it -> it.created("acme").goesOn(3));
    await().atMost(PATIENCE).until(() -> hung.get() >= 3 && !receiver.taken.isEmpty());
    var before = receiver;
    before.close();
    firmware.forEach(it -> it.goesOn(2));
    await().atMost(PATIENCE).until(() -> deliveries(hook, Map.of("State", "WAITING", "PageSize", "100"))
        .at("/Data/OTAWebhookDelivery").valueStream()
        .anyMatch(entry -> entry.path("Error").asString("").contains("refused")));

    receiver = new Receiver(before.port());

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(waiting(hook)).isZero());
    for (var it : firmware) {
      var ids = Stream.concat(before.taken("/a", it.id.value()).stream(), receiver.taken("/a", it.id.value()).stream())
          .distinct().toList();
      assertThat(ids).isEqualTo(it.events);
    }
    for (var request : Stream.concat(before.received.stream(), receiver.received.stream()).toList()) {
      request.verify(hook.secret());
    }
  }

  @Test
  void aStuckFirmwareHoldsUpNeitherOthersNorOtherWebhooks() throws Exception {
    create("/slow", Map.of());
    create("/other", Map.of());
    var stuck = log.firmware();
    var others = IntStream.range(0, 6).mapToObj(i -> log.firmware()).toList();
    var release = new CountDownLatch(1);
    receiver.decide(request -> {
      if (request.path().equals("/slow") && request.firmware().equals(stuck.id.value())) {
        return awaited(release, PATIENCE) ? 200 : 500;
      }
      return 200;
    });

    stuck.created("acme").goesOn(5);
    others.forEach(it -> it.created("acme").goesOn(5));

    for (var it : others) {
      takes("/slow", it, it.events);
      takes("/other", it, it.events);
    }
    takes("/other", stuck, stuck.events);
    assertThat(receiver.taken("/slow", stuck.id.value())).isEmpty();
    assertThat(receiver.received("/slow", stuck.id.value())).containsOnly(stuck.events.getFirst());
    release.countDown();
    await().atMost(PATIENCE).untilAsserted(
        () -> assertThat(receiver.taken("/slow", stuck.id.value()).stream().distinct()).isEqualTo(stuck.events));
  }

  @Test
  void twoSendersAtOnceSendNothingTwiceAndKeepTheOrder() throws Exception {
    create("/a", Map.of());
    var firmware = IntStream.range(0, 24).mapToObj(i -> log.firmware()).toList();
    // Each sends four at a time to one webhook, so eight at once are of both. No longer than a sender waits.
    var both = new CountDownLatch(8);
    receiver.decide(request -> {
      both.countDown();
      awaited(both, Duration.ofSeconds(1));
      return 200;
    });
    double before = delivered(one) + delivered(other);

    firmware.forEach(it -> it.created("acme").goesOn(9));

    for (var it : firmware) {
      takes("/a", it, it.events);
    }
    assertThat(receiver.received).hasSize(240);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(delivered(one) + delivered(other) - before).isEqualTo(240));
    assertThat(both.getCount()).isZero();
  }

  @Test
  void anEndpointThatIsGoneIsDisabledAndGoesOnWhereItStoppedWhenItIsEnabled() throws Exception {
    var hook = create("/a", Map.of());
    receiver.decide(request -> request.json().path("sequence").asString().equals("3") ? 410 : 200);
    var firmware = log.firmware().created("acme").goesOn(4);
    await().atMost(PATIENCE).untilAsserted(() -> {
      assertThat(webhook(hook).path("Enabled").asBoolean()).isFalse();
      assertThat(webhook(hook).path("DisabledReason").asString()).isEqualTo("GONE");
    });

    // What happens meanwhile waits too.
    firmware.goesOn(2);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(waiting(hook)).isEqualTo(5));
    int came = receiver.received.size();
    receiver.decide(request -> 200);
    call("UpdateOTAWebhook", Map.of("WebhookId", hook.id(), "Enabled", "true"));

    takes("/a", firmware, firmware.events);
    assertThat(came).isEqualTo(3);
    assertThat(webhook(hook).has("DisabledReason")).isFalse();
    assertThat(webhook(hook).path("WaitingCount").asInt()).isZero();
  }

  @Test
  void aWebhookWithNothingButFailuresForVeryLongIsDisabledAndKeepsItsEvents() throws Exception {
    var hook = create("/a", Map.of());
    receiver.decide(request -> 404);
    var firmware = log.firmware().created("acme").goesOn(1);
    await().atMost(PATIENCE).until(() -> webhook(hook).has("UtcFailingSince"));
    assertThat(webhook(hook).path("Enabled").asBoolean()).isTrue();

    execute("update webhook set failing_since = now() - interval '5 days' where id = '" + hook.id() + "'");

    await().atMost(PATIENCE)
        .untilAsserted(() -> assertThat(webhook(hook).path("DisabledReason").asString("")).isEqualTo("FAILING"));
    receiver.decide(request -> 200);
    // Another address is what it may have been disabled for.
    call("UpdateOTAWebhook", Map.of("WebhookId", hook.id(), "Enabled", "true", "Url", receiver.url("/b")));
    takes("/b", firmware, firmware.events);
    assertThat(webhook(hook).has("UtcFailingSince")).isFalse();
  }

  @Test
  void onlyTheTypesThatWereChosenAreSent() throws Exception {
    var hook = create("/a", Map.of("EventType.1", COMPLETED, "EventType.2", VERIFIED));
    var firmware = log.firmware().created("acme").goesOn(1);
    takes("/a", firmware, firmware.events.subList(1, 2));

    call("UpdateOTAWebhook", Map.of("WebhookId", hook.id(), "EventType.1", "*"));

    var next = log.firmware().created("acme");
    takes("/a", next, next.events);
    assertThat(webhook(hook).at("/EventTypes/EventType/0").asString()).isEqualTo("*");
  }

  @Test
  void whatNoWebhookIsToldOfIsNotReadAndHoldsNothingUp() throws Exception {
    create("/a", Map.of());
    log.firmware().created("nobody").isUnreadable();

    var firmware = log.firmware().created("acme").goesOn(1);

    takes("/a", firmware, firmware.events);
  }

  @Test
  void aNewSecretSignsBesideTheFormerOne() throws Exception {
    var hook = create("/a", Map.of());
    var signed = SigningClient.signed("RotateOTAWebhookSecret", Map.of("WebhookId", hook.id()));
    var rotated = one.client.post(signed).json().path("Data");
    var repeated = other.client.post(signed).json().path("Data");

    var firmware = log.firmware().created("acme");

    takes("/a", firmware, firmware.events);
    var secret = rotated.path("Secret").asString();
    assertThat(secret).startsWith("whsec_").isNotEqualTo(hook.secret());
    assertThat(repeated).isEqualTo(rotated);
    assertThat(Instant.parse(rotated.path("UtcFormerSecretUntil").asString()))
        .isBetween(Instant.now().plus(Duration.ofHours(23)), Instant.now().plus(Duration.ofHours(25)));
    assertThat(receiver.taken.getFirst().header("webhook-signature").split(" ")).hasSize(2);
    receiver.taken.getFirst().verify(hook.secret());
    receiver.taken.getFirst().verify(secret);
    // When its time is over it signs no more.
    execute("update webhook set former_until = now() where id = '" + hook.id() + "'");
    firmware.goesOn(1);
    takes("/a", firmware, firmware.events);
    assertThatCode(() -> receiver.taken.getLast().verify(secret)).doesNotThrowAnyException();
    assertThatCode(() -> receiver.taken.getLast().verify(hook.secret())).hasMessageContaining("No matching signature");
    assertThat(text("select encode(sealed_secret, 'escape') from webhook where id = '" + hook.id() + "'"))
        .doesNotContain(secret.substring(6)).isNotEmpty();
  }

  @Test
  void aDeliveryIsSentAgainOnceForEachRequestWithTheSameId() throws Exception {
    var hook = create("/a", Map.of());
    var firmware = log.firmware().created("acme").goesOn(1);
    takes("/a", firmware, firmware.events);
    var resend = SigningClient.signed("ResendOTAWebhookDelivery",
        Map.of("WebhookId", hook.id(), "EventId", firmware.events.getFirst()));

    assertThat(one.client.post(resend).json().path("Success").asBoolean()).isTrue();
    assertThat(other.client.post(resend).json().path("Success").asBoolean()).isTrue();
    firmware.goesOn(1);

    var ids = List.of(firmware.events.get(0), firmware.events.get(1), firmware.events.get(0), firmware.events.get(2));
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(receiver.taken("/a", firmware.id.value())).hasSize(4));
    assertThat(receiver.taken("/a", firmware.id.value())).containsExactlyInAnyOrderElementsOf(ids);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(deliveries(hook, Map.of()).at("/Data/OTAWebhookDelivery")
        .valueStream().filter(entry -> entry.path("EventId").asString().equals(firmware.events.getFirst()))
        .map(entry -> entry.path("Attempts").asInt())).containsExactly(2));
    assertThat(code(call("ResendOTAWebhookDelivery", Map.of("WebhookId", hook.id(), "EventId", "job-service:x:1"))))
        .isEqualTo("iot.ota.WebhookDeliveryNotFound");
  }

  @Test
  void theSameSignedCreationIsOneWebhookAndAnAccountHasOnlySoMany() throws Exception {
    var signed = SigningClient.signed("CreateOTAWebhook", Map.of("Url", receiver.url("/a"), "Description", "说明"));
    var first = one.client.post(signed).json();
    created.add(first.at("/Data/WebhookId").asString());
    var again = other.client.post(signed).json();
    assertThat(again.path("Data")).isEqualTo(first.path("Data"));
    create("/b", Map.of());
    create("/c", Map.of());

    assertThat(code(call("CreateOTAWebhook", Map.of("Url", receiver.url("/d"))))).isEqualTo("iot.ota.TooManyWebhooks");
    assertThat(code(one.client.post(signed))).isEqualTo("OK");
    assertThat(code(call("CreateOTAWebhook", Map.of("Url", "http://169.254.169.254/latest"))))
        .isEqualTo("iot.ota.InvalidWebhookUrl");
    var id = created.getFirst();
    assertThat(code(foreign("DeleteOTAWebhook", Map.of("WebhookId", id)))).isEqualTo("iot.ota.WebhookNotFound");
    assertThat(code(foreign("RotateOTAWebhookSecret", Map.of("WebhookId", id)))).isEqualTo("iot.ota.WebhookNotFound");
    assertThat(foreign("ListOTAWebhook", Map.of()).json().at("/Data/OTAWebhook")).isEmpty();
    assertThat(list()).hasSize(3);
    var delete = SigningClient.signed("DeleteOTAWebhook", Map.of("WebhookId", id));
    assertThat(code(one.client.post(delete))).isEqualTo("OK");
    assertThat(code(other.client.post(delete))).isEqualTo("OK");
    assertThat(code(call("DeleteOTAWebhook", Map.of("WebhookId", id)))).isEqualTo("iot.ota.WebhookNotFound");
    // A creation that is repeated after that does not make it anew.
    assertThat(code(one.client.post(signed))).isEqualTo("iot.ota.WebhookNotFound");
    assertThat(list()).hasSize(2);
  }

  private void takes(String path, Firmware firmware, List<String> expected) {
    await().atMost(PATIENCE).untilAsserted(
        () -> assertThat(receiver.taken(path, firmware.id.value())).as(path)
            .hasSizeGreaterThanOrEqualTo(expected.size()));
    assertThat(receiver.taken(path, firmware.id.value())).as(path).isEqualTo(expected);
  }

  private Hook create(String path, Map<String, String> more) throws Exception {
    var parameters = new HashMap<>(more);
    parameters.put("Url", receiver.url(path));
    var data = call("CreateOTAWebhook", parameters).json().path("Data");
    created.add(data.path("WebhookId").asString());
    return new Hook(data.path("WebhookId").asString(), data.path("Secret").asString());
  }

  private static JsonNode webhook(Hook hook) throws Exception {
    return list().stream().filter(it -> it.path("WebhookId").asString().equals(hook.id())).findFirst().orElseThrow();
  }

  private static List<JsonNode> list() throws Exception {
    return call("ListOTAWebhook", Map.of()).json().at("/Data/OTAWebhook").valueStream().toList();
  }

  private static int waiting(Hook hook) throws Exception {
    return webhook(hook).path("WaitingCount").asInt();
  }

  private static JsonNode deliveries(Hook hook, Map<String, String> more) throws Exception {
    var parameters = new HashMap<>(more);
    parameters.put("WebhookId", hook.id());
    return call("ListOTAWebhookDelivery", parameters).json();
  }

  private static SigningClient.Answer call(String action, Map<String, String> parameters) throws Exception {
    return one.client.call(action, parameters);
  }

  private static SigningClient.Answer foreign(String action, Map<String, String> parameters) throws Exception {
    return one.client.post(SigningClient.signed(action, parameters, UUID.randomUUID().toString(),
        Instant.now(), "otherid", "othersecret"));
  }

  private static String code(SigningClient.Answer answer) {
    return answer.json().path("Code").asString("OK");
  }

  private static double delivered(RunningGateway gateway) {
    return gateway.context.getBean(MeterRegistry.class).counter("ota.webhook.deliveries", "outcome", "delivered")
        .count();
  }

  private static boolean awaited(CountDownLatch latch, Duration patience) {
    try {
      return latch.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void execute(String sql) throws Exception {
    try (var connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String text(String sql) throws Exception {
    try (var connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
        var statement = connection.createStatement();
        var result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }
}
