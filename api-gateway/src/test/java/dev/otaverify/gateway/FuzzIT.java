// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.Wire;
import dev.otaverify.gateway.api.Digests;
import dev.otaverify.gateway.api.Percent;
import dev.otaverify.gateway.operation.Commands;
import dev.otaverify.gateway.operation.FirmwareFiles;
import dev.otaverify.gateway.operation.OperationSettings;
import dev.otaverify.gateway.operation.Operations;
import dev.otaverify.gateway.operation.Parameter;
import dev.otaverify.gateway.operation.Secrets;
import dev.otaverify.gateway.operation.Views;
import dev.otaverify.gateway.operation.Webhooks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is sent to the API, over raw sockets, is answered: in time, not with a fault of the server, in a format that can
 * be read, and without a word about the inside. {@code -Dfuzz.requests} and {@code -Dfuzz.seed} set how many and which.
 */
class FuzzIT {
  private static final int REQUESTS = Integer.getInteger("fuzz.requests", 5_000);
  private static final long SEED = Long.getLong("fuzz.seed", 20_180_120L);
  private static final int PATIENCE_MILLIS = 10_000;
  private static final Pattern INSIDE = Pattern
      .compile("Exception|\\tat |dev\\.otaverify|java\\.|reactor\\.|NullPointer");
  private static final List<String> NASTY = List.of("", " ", "0", "-1", "99999999999999999999", "1e9", "NaN", "null",
      "true", "设备", "\u0000", "\uD83D\uDE00", "<script>&amp;", "]]>", "%00", "../..", "' or 1=1--", "a\r\nX-Y: z",
      "{\"a\":1}", "x".repeat(3000), "\u0001\uFFFE", "+", "%", "=&=&");
  private static final List<String> GOOD = List.of("1", "10", "true", "false", "0", "a1VJwBw0000", "device-1",
      "Fht6EWXdQPUX19aaVTvx03", "Fht6EWXdQPUX19aaVTvxmzzIIBpK02", "Fht6EWXdQPUX19aaVTvxmzzIIBpK00000001",
      "a1aXmduf1xSduYIUA2fNwvBbx7WYJg", "2.0.0", "thermostat", "HTTPS", "QUEUED", "SPECIFIC", "bin", "default");

  @TempDir
  static Path directory;
  private static RunningGateway gateway;

  private final Random random = new Random(SEED);
  private final Map<String, List<String>> actions = actions();

  @BeforeAll
  static void start() throws Exception {
    // How fast its database answers on a busy machine is not what is asked here.
    gateway = new RunningGateway(directory, "--ota.gateway.account-timeout=5s",
        "--spring.r2dbc.pool.max-acquire-time=5s");
    // What the aggregator always has; all else does not exist.
    for (var list : List.of("/internal/queries/products", "/internal/queries/firmware")) {
      gateway.aggregator.answers.put(list,
          new HttpDouble.Given(200, "{\"items\":[],\"number\":1,\"size\":10,\"total\":0}"));
    }
    gateway.secrets.otherwise = new HttpDouble.Given(200, "{\"deviceSecret\":\"s\",\"productSecret\":\"s\"}");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void everythingIsAnswered() throws IOException {
    for (int i = 0; i < REQUESTS; i++) {
      var request = request();
      var what = "request " + i + " of seed " + SEED + ": "
          + new String(request, 0, Math.min(request.length, 1500), StandardCharsets.ISO_8859_1);
      check(what, exchange(request, what));
    }
  }

  /** An answer as it came. */
  private record Response(int status, Map<String, String> headers, String text) {}

  private static void check(String what, Response response) {
    assertThat(response.status()).as("%s%n%s", what, response).isBetween(200, 499);
    assertThat(INSIDE.matcher(response.text()).find()).as("%s%n%s", what, response.text()).isFalse();
    var type = response.headers().getOrDefault("content-type", "");
    assertThat(response.headers()).as(what).containsKey("content-length");
    if (type.startsWith("application/json")) {
      var answer = Wire.JSON.readTree(response.text());
      assertThat(answer.path("RequestId").asString("")).as("%s%n%s", what, response.text()).isNotEmpty();
      assertThat(answer.path("Success").asBoolean(false) || !answer.path("Code").asString("").isEmpty()).as(what)
          .isTrue();
    } else {
      assertThat(type).as("%s%n%s", what, response).isEqualTo("text/xml;charset=utf-8");
      assertThat(isXml(response.text())).as("%s%n%s", what, response.text()).isTrue();
    }
  }

  private static boolean isXml(String text) {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder()
          .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
          .getElementsByTagName("RequestId").getLength() == 1;
    } catch (Exception notXml) {
      return false;
    }
  }

  private byte[] request() throws IOException {
    var action = pick(List.copyOf(actions.keySet()));
    var parameters = new TreeMap<String, String>();
    for (var name : actions.getOrDefault(action, List.of())) {
      if (random.nextInt(4) > 0) {
        var value = random.nextInt(5) > 0 ? pick(GOOD) : pick(NASTY);
        parameters.put(random.nextInt(40) == 0 ? name + pick(List.of(".0", ".x", ".", ".1.1", ".99999")) : name, value);
      }
    }
    if (random.nextInt(10) > 0) {
      parameters.put("Format", random.nextInt(8) > 0 ? pick(List.of("JSON", "XML", "json")) : pick(NASTY));
    }
    for (int i = random.nextInt(8); i > 6; i--) {
      parameters.put(pick(NASTY), pick(NASTY));
    }
    var headers = new TreeMap<String, String>();
    var method = random.nextInt(20) > 0 ? pick(List.of("GET", "POST")) : pick(List.of("PUT", "DELETE", "PATCH"));
    boolean inForm = method.equals("POST") && random.nextBoolean();
    switch (random.nextInt(6)) {
      case 0 -> parameters.put("Action", action);
      case 1 -> acs3(method, action, parameters, headers, inForm);
      default -> v1(method, random.nextInt(30) > 0 ? action : pick(NASTY), parameters);
    }
    return written(method, parameters, headers, inForm);
  }

  private byte[] written(String method, Map<String, String> parameters, Map<String, String> headers, boolean inForm)
      throws IOException {
    var encoded = mutated(Percent.canonical(parameters));
    if (random.nextInt(1000) == 0) {
      encoded += "&long=" + "x".repeat(70_000);
    }
    var body = inForm ? encoded.getBytes(StandardCharsets.UTF_8) : new byte[0];
    if (random.nextInt(25) == 0) {
      body = new byte[random.nextInt(2000)];
      random.nextBytes(body);
    }
    if (random.nextInt(1000) == 0) {
      body = new byte[1024 * 1024 + 1];
    }
    if (inForm) {
      headers.putIfAbsent("Content-Type", random.nextInt(20) > 0
          ? "application/x-www-form-urlencoded"
          : pick(List.of("multipart/form-data", "application/json", "nothing", "a/b/c", "text/plain;charset=none")));
    }
    if (random.nextInt(20) == 0) {
      headers.put(pick(List.of("Accept", "X-Acs-Date", "traceparent", "Authorization", "Accept-Encoding", "Cookie")),
          pick(List.of("*/*", "ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 Credential=,=,,", "Bearer x", "00-0-0-0", ";;;")));
    }
    if (random.nextInt(500) == 0) {
      headers.put("X-Long", "x".repeat(70_000));
    }
    boolean chunked = random.nextInt(10) == 0;
    var head = new StringBuilder(method).append(" /").append(inForm ? "" : "?" + encoded).append(" HTTP/1.1\r\n")
        .append("Host: ").append(random.nextInt(50) > 0 ? "127.0.0.1" : "<b>\"x").append("\r\nConnection: close\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    var bytes = new ByteArrayOutputStream();
    if (chunked) {
      head.append("Transfer-Encoding: chunked\r\n\r\n");
      bytes.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
      if (body.length > 0) {
        bytes.writeBytes((Integer.toHexString(body.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        bytes.write(body);
        bytes.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      bytes.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    } else {
      head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
      bytes.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
      bytes.write(body);
    }
    return bytes.toByteArray();
  }

  /** The query or form, now and then with something broken in it, but never what ends a line. */
  private String mutated(String encoded) {
    return switch (random.nextInt(30)) {
      case 0 ->
        encoded + pick(List.of("&%", "&%zz=1", "&%FF%FE=1", "&a=%C3", "&&&=", "&Format=JSON&Format=XML", "&a=1&a=2",
            "&Action=Other", "&%E2%80", "&+=+", "&a[]=1", "&{\"a\":\"<b>\"}", "&a=|^`\\", "&%\u00e4", "#&a=1", "&?a=/?",
            "&Tag.1.Key=k&Tag.1=v"));
      case 1 -> encoded.replaceFirst("%", "%%");
      case 2 -> encoded.substring(0, random.nextInt(encoded.length() + 1));
      case 3 -> encoded.replace("%20", "+");
      default -> encoded;
    };
  }

  private void v1(String method, String action, Map<String, String> parameters) {
    parameters.putAll(Map.of("Action", action, "Version", random.nextInt(40) > 0 ? "2018-01-20" : pick(NASTY),
        "AccessKeyId", random.nextInt(40) > 0 ? SigningClient.KEY_ID : pick(NASTY), "SignatureMethod", "HMAC-SHA1",
        "SignatureVersion", "1.0", "SignatureNonce", Long.toHexString(random.nextLong()), "Timestamp",
        random.nextInt(40) > 0 ? Instant.now().truncatedTo(ChronoUnit.SECONDS).toString() : pick(NASTY)));
    var signed = new TreeMap<>(parameters);
    var toSign = method + "&%2F&" + Percent.encode(Percent.canonical(signed));
    parameters.put("Signature", random.nextInt(40) > 0
        ? Base64.getEncoder().encodeToString(hmac("HmacSHA1", SigningClient.SECRET + "&", toSign))
        : pick(NASTY));
  }

  private void acs3(String method, String action, Map<String, String> parameters, Map<String, String> headers,
      boolean inForm) {
    var body = inForm ? Percent.canonical(parameters) : "";
    headers.putAll(Map.of("x-acs-action", action, "x-acs-version", "2018-01-20", "x-acs-date",
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), "x-acs-signature-nonce",
        Long.toHexString(random.nextLong()), "x-acs-content-sha256",
        Digests.sha256(body.getBytes(StandardCharsets.UTF_8))));
    var names = String.join(";", headers.keySet());
    var lines = headers.entrySet().stream().map(header -> header.getKey() + ":" + header.getValue() + "\n")
        .collect(Collectors.joining());
    var canonical = String.join("\n", method, "/", inForm ? "" : Percent.canonical(parameters), lines, names,
        headers.getOrDefault("x-acs-content-sha256", ""));
    var toSign = "ACS3-HMAC-SHA256\n" + Digests.sha256(canonical.getBytes(StandardCharsets.UTF_8));
    headers.put("Authorization", "ACS3-HMAC-SHA256 Credential=" + SigningClient.KEY_ID + ",SignedHeaders=" + names
        + ",Signature=" + HexFormat.of().formatHex(hmac("HmacSHA256", SigningClient.SECRET, toSign)));
  }

  private static byte[] hmac(String algorithm, String key, String text) {
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), algorithm));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Response exchange(byte[] request, String what) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.uri.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      var sent = new Thread(() -> {
        try {
          socket.getOutputStream().write(request);
          socket.getOutputStream().flush();
        } catch (IOException answeredBeforeAllWasRead) {
          // The server need not read what is too long.
        }
      });
      sent.start();
      var read = new ByteArrayOutputStream();
      var input = socket.getInputStream();
      var buffer = new byte[16 * 1024];
      try {
        for (int n = input.read(buffer); n >= 0; n = input.read(buffer)) {
          read.write(buffer, 0, n);
        }
      } catch (SocketException reset) {
        // What came before it is judged.
      }
      return parsed(read.toByteArray(), what);
    }
  }

  private static Response parsed(byte[] bytes, String what) {
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    assertThat(end).as("%s%n%s", what, text).isPositive();
    var lines = text.substring(0, end).split("\r\n", -1);
    var headers = new TreeMap<String, String>();
    for (int i = 1; i < lines.length; i++) {
      var parts = lines[i].split(": ?", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
    }
    return new Response(Integer.parseInt(lines[0].split(" ", 3)[1]), headers,
        new String(bytes, end + 4, bytes.length - end - 4, StandardCharsets.UTF_8));
  }

  private <T> T pick(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** The operations with the names of their parameters, from their own declarations. */
  private static Map<String, List<String>> actions() {
    Commands commands = nothing(Commands.class);
    var operations = new Operations(commands, nothing(Views.class), nothing(Secrets.class),
        nothing(FirmwareFiles.class), nothing(Webhooks.class),
        new OperationSettings("VERFIY_FIRMWARE", 1440, Duration.ofMinutes(1)));
    var actions = new TreeMap<String, List<String>>();
    operations.all().forEach((action, operation) -> {
      var names = new ArrayList<String>();
      for (Parameter<?> parameter : operation.parameters()) {
        names.add(parameter.name());
        names.add(parameter.name() + ".1");
      }
      names.add("IotInstanceId");
      actions.put(action, names);
    });
    return actions;
  }

  private static <T> T nothing(Class<T> type) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, (proxy, method, args) -> {
      throw new UnsupportedOperationException(method.getName());
    }));
  }
}
