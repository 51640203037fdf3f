// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.account.KeysApplication;
import dev.otaverify.kit.retention.Retention;
import dev.otaverify.testinfra.TcpProxy;
import dev.otaverify.testinfra.TestDatabase;
import dev.otaverify.testinfra.TestInfra;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, sub-users, nonces and quotas, on two gateways that have one database. */
class AccountsIT {
  private static final Pattern KEY = Pattern.compile("access key  (\\S+)\\s+its secret  (\\S+)");
  private static final ProductKey PRODUCT = ProductKey.of(CommandId.of("k", "product"));
  private static final FirmwareId FIRMWARE = FirmwareId.of(CommandId.of("k", "firmware"));
  private static final Map<String, String> VERIFY = Map.of("ProductKey", PRODUCT.value(), "FirmwareId",
      FIRMWARE.value(), "TargetDeviceName.1", "device-1", "TimeoutInMinutes", "30");

  @TempDir
  static Path directory;
  private static TcpProxy database;
  private static TestDatabase proxied;
  private static RunningGateway one;
  private static RunningGateway other;

  /** An access key, and calls signed with it. */
  record Key(String id, String secret) {
    Map<String, String> signed(String action, Map<String, String> parameters) {
      return SigningClient.signed(action, parameters, UUID.randomUUID().toString(), Instant.now(), id, secret);
    }

    SigningClient.Answer call(RunningGateway gateway, String action, Map<String, String> parameters)
        throws Exception {
      return gateway.client.post(signed(action, parameters));
    }

    /** The code of the answer; OK if it has none. */
    String code(RunningGateway gateway, String action, Map<String, String> parameters) throws Exception {
      return AccountsIT.code(call(gateway, action, parameters));
    }
  }

  @BeforeAll
  static void start() throws Exception {
    var fresh = TestInfra.freshDatabase("api-gateway");
    database = TcpProxy.to(fresh.host(), fresh.port());
    proxied = new TestDatabase("127.0.0.1", database.port(), fresh.database(), fresh.user(), fresh.password());
    var quota = "--ota.gateway.quotas.actions.CreateOTAVerifyJob=10";
    var ofOne = "--ota.gateway.quotas.accounts.thrifty.DeleteOTAFirmware=1";
    var ofQueries = "--ota.gateway.quotas.accounts.curious.QueryOTAFirmware=1";
    // On a busy machine the database may take its time.
    var settings = new String[]{quota, ofOne, ofQueries, "--ota.gateway.account-timeout=4s",
        "--spring.r2dbc.pool.max-acquire-time=4s"};
    one = new RunningGateway(TestInfra.kafkaBootstrapServers(), proxied, directory, settings);
    other = new RunningGateway(TestInfra.kafkaBootstrapServers(), proxied, directory, settings);
    await().atMost(Duration.ofSeconds(30)).until(() -> one.readiness() == 200 && other.readiness() == 200);
  }

  @AfterAll
  static void stop() {
    one.close();
    other.close();
    database.close();
  }

  @Test
  void anAccountHasItsCallsPerSecondThroughAllKeysAndGatewaysTogether() throws Exception {
    var keys = List.of(create("--account", "busy", "--user", "ann"), create("--account", "busy", "--user", "bob"));
    var codes = new ArrayList<Future<String>>();

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long begun = System.nanoTime();
      for (int i = 0; i < 400; i++) {
        int call = i;
        Callable<String> create = () -> {
          TimeUnit.NANOSECONDS.sleep(begun + call * 25_000_000L - System.nanoTime());
          return keys.get(call % 2).code(call / 2 % 2 == 0 ? one : other, "CreateOTAVerifyJob", VERIFY);
        };
        codes.add(threads.submit(create));
      }
    }

    var answered = new ArrayList<String>();
    for (var code : codes) {
      answered.add(code.get());
    }
    assertThat(answered).containsOnly("OK", "Throttling.User");
    var admitted = admissions("busy");
    assertThat(admitted).hasSize((int) answered.stream().filter("OK"::equals).count());
    // Each call that was not admitted came within a second after ten that were: the account gets all that it has.
    assertThat(admitted.size()).isBetween(80, 10 + (int) (10 * seconds(admitted)));
    IntStream.range(10, admitted.size()).forEach(i -> assertThat(
        Duration.between(admitted.get(i - 10), admitted.get(i))).isGreaterThan(Duration.ofSeconds(1)));
    System.out.printf(
        "quota of 10 per second: %d of 400 calls in 10 s on two gateways by two users admitted, at most %d in any"
            + " second%n",
        admitted.size(), admitted.stream().mapToLong(at -> admitted.stream()
            .filter(it -> !it.isBefore(at) && it.isBefore(at.plusSeconds(1))).count()).max().orElse(0));
  }

  @Test
  void aThrottledCallSaysHowLongToWaitAndCanBeSentAgain() throws Exception {
    var key = create("--account", "thrifty");
    var parameters = Map.of("FirmwareId", FIRMWARE.value());
    var signed = key.signed("DeleteOTAFirmware", parameters);

    var first = key.call(one, "DeleteOTAFirmware", parameters);
    var second = other.client.post(signed);

    assertThat(code(first)).isEqualTo("OK");
    assertThat(second.status()).isEqualTo(400);
    assertThat(code(second)).isEqualTo("Throttling.User");
    assertThat(second.json().get("Message").stringValue()).contains("DeleteOTAFirmware: more than 1 calls per second")
        .containsPattern("after \\d{1,4} ms");
    assertThat(second.json().get("Recommend").stringValue()).isNotEmpty();
    await().atMost(Duration.ofSeconds(5)).until(() -> code(other.client.post(signed)).equals("OK"));
    // It was admitted, so the same one is no other call.
    for (int i = 0; i < 5; i++) {
      assertThat(code(one.client.post(signed))).isEqualTo("OK");
    }
    // But not for ever.
    var codes = new ArrayList<String>();
    for (int i = 0; i < 20; i++) {
      codes.add(code(one.client.post(signed)));
    }
    assertThat(codes).contains("Throttling.User");
  }

  @Test
  void aQueryThatIsLikelyToBeRefusedIsNotBegunBeforeItIsAdmitted() throws Exception {
    var key = create("--account", "curious");
    var firmware = "Fht6EWXdQPUX19aaVTvw03";
    var codes = new ArrayList<String>();

    for (int i = 0; i < 20; i++) {
      codes.add(key.code(one, "QueryOTAFirmware", Map.of("FirmwareId", firmware)));
    }

    // The first one, and whatever follows on one that was not throttled, was begun at once.
    long begun = IntStream.range(0, codes.size())
        .filter(i -> i == 0 || !isThrottled(codes.get(i)) || !isThrottled(codes.get(i - 1))).count();
    assertThat(codes).containsOnly("iot.ota.FirmwareNotFound", "Throttling.User");
    assertThat(one.aggregator.asked.stream().filter(asked -> asked.pathAndQuery().contains(firmware)).count())
        .isBetween(1L, begun);
  }

  private static boolean isThrottled(String code) {
    return code.equals("Throttling.User");
  }

  @Test
  void aNonceIsForOneRequestOnlyOnAllGateways() throws Exception {
    var nonce = UUID.randomUUID().toString();
    var now = Instant.now();
    var key = create("--account", "acme");
    var first = SigningClient.signed("QueryOTAFirmware", Map.of("FirmwareId", FIRMWARE.value()), nonce, now, key.id(),
        key.secret());
    var another = SigningClient.signed("QueryOTAJob", Map.of("JobId", "x"), nonce, now, key.id(), key.secret());

    var answers = List.of(one.client.post(first), other.client.post(first), other.client.post(another),
        one.client.post(another), one.client.post(first));

    assertThat(answers).extracting(AccountsIT::code).containsExactly("iot.ota.FirmwareNotFound",
        "iot.ota.FirmwareNotFound", "SignatureNonceUsed", "SignatureNonceUsed", "iot.ota.FirmwareNotFound");
    assertThat(answers.get(2).status()).isEqualTo(400);
  }

  @Test
  void aNonceIsForgottenOnlyWhenItsSignatureIsValidNoMore() throws Exception {
    var key = create("--account", "acme");
    var signed = key.signed("QueryOTAFirmware", Map.of("FirmwareId", FIRMWARE.value()));
    one.client.post(signed);
    var id = CommandId.of(key.id(), signed.getOrDefault("SignatureNonce", "")).value();
    var retention = one.context.getBean(Retention.class);

    retention.run().block();
    assertThat(rows("select id from signed_request where id = '" + id + "'")).hasSize(1);
    rows("update signed_request set admitted_at = now() - interval '30 minutes' where id = '" + id + "' returning id");
    retention.run().block();
    assertThat(rows("select id from signed_request where id = '" + id + "'")).hasSize(1);
    rows("update signed_request set admitted_at = now() - interval '32 minutes' where id = '" + id + "' returning id");
    retention.run().block();

    assertThat(rows("select id from signed_request where id = '" + id + "'")).isEmpty();
    assertThat(one.context.getBean(MeterRegistry.class).get("ota.retention.removed").tag("kind", "signed-requests")
        .counter().count()).isPositive();
  }

  @Test
  void whatAnAccountHasCalledIsForgottenADayAfterItsLastCall() throws Exception {
    var key = create("--account", "seldom");
    var account = "select action from quota where account = 'seldom'";
    assertThat(key.code(one, "CreateOTAVerifyJob", VERIFY)).isEqualTo("OK");
    var retention = one.context.getBean(Retention.class);

    retention.run().block();
    assertThat(rows(account)).containsExactly("CreateOTAVerifyJob");
    rows("update quota set admitted = array[now() - interval '25 hours'] where account = 'seldom' returning action");
    retention.run().block();
    assertThat(rows(account)).isEmpty();

    assertThat(key.code(one, "CreateOTAVerifyJob", VERIFY)).isEqualTo("OK");
    assertThat(rows(account)).containsExactly("CreateOTAVerifyJob");
  }

  @Test
  void aKeyThatIsDisabledOrDeletedIsRefusedWithinASecond() throws Exception {
    var key = create("--account", "acme");
    var query = Map.of("FirmwareId", FIRMWARE.value());
    assertThat(key.code(one, "QueryOTAFirmware", query)).isEqualTo("iot.ota.FirmwareNotFound");

    keys("disable", key.id());
    await().atMost(Duration.ofSeconds(2))
        .until(() -> key.code(one, "QueryOTAFirmware", query).equals("InvalidAccessKeyId.Inactive"));
    keys("enable", key.id());
    await().atMost(Duration.ofSeconds(2))
        .until(() -> key.code(one, "QueryOTAFirmware", query).equals("iot.ota.FirmwareNotFound"));
    assertThat(keys("list")).contains(key.id()).doesNotContain(key.secret());
    keys("delete", key.id());
    await().atMost(Duration.ofSeconds(2))
        .until(() -> key.code(one, "QueryOTAFirmware", query).equals("InvalidAccessKeyId.NotFound"));

    assertThat(keys("list")).doesNotContain(key.id());
    assertThatThrownBy(() -> keys("enable", key.id())).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(key.id());
    assertThat(rows("select count(*) from access_key where id = '" + key.id() + "' and sealed_secret is null"))
        .containsExactly("1");
  }

  @Test
  void aSecretIsNowhereInTheDatabaseAndOpensOnlyWithTheMasterKey() throws Exception {
    var key = create("--account", "acme");

    assertThat(rows("select encode(sealed_secret, 'escape') from access_key where sealed_secret is not null"))
        .isNotEmpty().noneMatch(sealed -> sealed.contains(key.secret()) || sealed.contains(SigningClient.SECRET));
    assertThatThrownBy(() -> KeysApplication.run(settings("another-master-key-another-master"), List.of("list"),
        new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8)))
        .hasMessageContaining("ota.gateway.master-key");
  }

  @Test
  void aSubUserMayBeLimitedToActionsAndProducts() throws Exception {
    var mine = PRODUCT.value();
    var others = ProductKey.of(CommandId.of("k", "other")).value();
    var key = create("--account", "acme", "--user", "operator", "--actions", "Query*,CreateProduct,DeleteProduct",
        "--products", mine);

    var forbidden = key.call(one, "RegisterDevice", Map.of("ProductKey", mine));
    assertThat(forbidden.status()).isEqualTo(403);
    assertThat(code(forbidden)).isEqualTo("Forbidden.RAM");
    assertThat(key.code(one, "DeleteProduct", Map.of("ProductKey", mine))).isEqualTo("OK");
    int before = one.jobService.received.size();
    assertThat(key.code(one, "DeleteProduct", Map.of("ProductKey", others))).isEqualTo("iot.prod.NotExistedProduct");
    assertThat(key.code(one, "QueryProduct", Map.of("ProductKey", others))).isEqualTo("iot.prod.NotExistedProduct");
    assertThat(key.code(one, "QueryDevice", Map.of("ProductKey", others))).isEqualTo("iot.prod.NotExistedProduct");
    assertThat(key.code(one, "CreateProduct", Map.of("ProductName", "thermostat", "NodeType", "0")))
        .isEqualTo("Forbidden.RAM");
    assertThat(one.jobService.received).hasSize(before);
    one.aggregator.answers.put("/internal/queries/products",
        new HttpDouble.Given(200, "{\"items\":[],\"number\":1,\"size\":10,\"total\":0}"));
    assertThat(key.code(one, "QueryProductList", Map.of("CurrentPage", "1", "PageSize", "10"))).isEqualTo("OK");
    assertThat(one.aggregator.asked.getLast().pathAndQuery()).contains("product=" + mine).contains("account=acme");

    // Limits are the user's, so another key of the user has them too, and they can be changed.
    var second = create("--account", "acme", "--user", "operator");
    assertThat(second.code(one, "RegisterDevice", Map.of("ProductKey", mine))).isEqualTo("Forbidden.RAM");
    keys("limit", "--account", "acme", "--user", "operator");
    await().atMost(Duration.ofSeconds(2))
        .until(() -> second.code(one, "DeleteProduct", Map.of("ProductKey", others)).equals("OK"));
    assertThatThrownBy(() -> create("--account", "acme", "--user", "operator", "--actions", "Query*"))
        .hasMessageContaining("operator is there already");
  }

  private static boolean isAnswered(Key key, RunningGateway gateway, Map<String, String> query) {
    try {
      return key.code(gateway, "QueryOTAFirmware", query).equals("iot.ota.FirmwareNotFound");
    } catch (Exception e) {
      return false;
    }
  }

  @Test
  void withoutItsDatabaseTheGatewayAdmitsNothingAndRecovers() throws Exception {
    var key = create("--account", "acme");
    var query = Map.of("FirmwareId", FIRMWARE.value());
    assertThat(key.code(one, "QueryOTAFirmware", query)).isEqualTo("iot.ota.FirmwareNotFound");

    for (boolean frozen : List.of(false, true)) {
      if (frozen) {
        database.freeze();
      } else {
        database.cut();
      }
      // Cut is refused at once; frozen takes as long as is waited.
      for (int i = 0; i < (frozen ? 3 : 25); i++) {
        long begun = System.nanoTime();
        var answer = key.call(one, "QueryOTAFirmware", query);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(code(answer)).isEqualTo("ServiceUnavailable");
        // Far more than it waits, so that only a call that hangs is found.
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      }
      database.restore();
      await().atMost(Duration.ofSeconds(30)).until(
          () -> Stream.of(one, other)
              .allMatch(gateway -> isAnswered(key, gateway, query) && gateway.readiness() == 200));
    }
  }

  @Test
  void whatIsNotUnderstoodIsRefusedWithTheOptionAndWhatWasExpected() {
    for (var words : List.of(List.of("create", "--products", "a1"), List.of("create", "--user", "a b"),
        List.of("create", "--account", "a/b"), List.of("create", "--nonsense", "x"), List.of("create", "--user"),
        List.of("create", "--user", "u", "--actions", "Query-*"), List.of("create", "--user", "u", "--products", "x"),
        List.of("disable"), List.of("list", "more"), List.of("nonsense"), List.<String>of())) {
      assertThatThrownBy(() -> keys(words.toArray(String[]::new))).as(words.toString())
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("(expected: ");
    }
  }

  private static String code(SigningClient.Answer answer) {
    return answer.json().path("Code").asString("OK");
  }

  private static Key create(String... options) {
    var words = new ArrayList<>(List.of("create"));
    words.addAll(List.of(options));
    var created = KEY.matcher(keys(words.toArray(String[]::new)));
    assertThat(created.find()).isTrue();
    return new Key(created.group(1), created.group(2));
  }

  private static String keys(String... words) {
    var output = new ByteArrayOutputStream();
    KeysApplication.run(settings(RunningGateway.MASTER_KEY), List.of(words),
        new PrintStream(output, true, StandardCharsets.UTF_8));
    return output.toString(StandardCharsets.UTF_8);
  }

  private static List<String> settings(String masterKey) {
    return List.of("--ota.database.host=" + proxied.host(), "--ota.database.port=" + proxied.port(),
        "--ota.database.name=" + proxied.database(), "--ota.database.user=" + proxied.user(),
        "--ota.database.password=" + proxied.password(), "--ota.gateway.master-key=" + masterKey);
  }

  private static List<Instant> admissions(String account) throws Exception {
    return rows(
        "select to_char(admitted_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from signed_request"
            + " where account = '" + account + "' order by admitted_at")
        .stream().map(Instant::parse).toList();
  }

  private static double seconds(List<Instant> times) {
    return Duration.between(times.getFirst(), times.getLast()).toMillis() / 1000.0;
  }

  private static List<String> rows(String sql) throws Exception {
    try (var connection = DriverManager.getConnection(proxied.jdbcUrl(), proxied.user(), proxied.password());
        var statement = connection.createStatement();
        var result = statement.executeQuery(sql)) {
      var rows = new ArrayList<String>();
      while (result.next()) {
        rows.add(result.getString(1));
      }
      return rows;
    }
  }
}
