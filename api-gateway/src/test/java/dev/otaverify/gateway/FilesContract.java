// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.gateway.files.FilesInUse;
import dev.otaverify.kit.DownloadLinks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Files come in by a form, become firmware, and go out to devices, wherever they are kept. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FilesContract {
  private static final ProductKey PRODUCT = ProductKey.of(CommandId.of("k", "product"));
  static final byte[] CONTENT = new byte[3_000_000];
  private static final int MAX = 4_000_000;
  static final HttpClient HTTP = HttpClient.newHttpClient();
  static final DownloadLinks LINKS = new DownloadLinks(RunningGateway.SIGNING_KEY);

  @TempDir
  static Path directory;
  RunningGateway gateway;

  @BeforeAll
  void start() throws Exception {
    new Random(1).nextBytes(CONTENT);
    var settings = new ArrayList<>(settings());
    settings.add("--ota.files.max-size=" + MAX + "B");
    gateway = new RunningGateway(directory, settings.toArray(String[]::new));
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
  }

  /** What makes the gateway keep its files where this test wants them. */
  abstract List<String> settings() throws Exception;

  /** The names of the objects that are kept. */
  abstract List<String> kept() throws Exception;

  @Test
  void anUploadedFileBecomesFirmwareWithWhatWasMeasured() throws Exception {
    var form = form();
    var md5 = hex("MD5", CONTENT);

    var uploaded = upload(form, CONTENT, Map.of());
    var created = createFirmware(form, Map.of("FirmwareSize", "" + CONTENT.length, "FirmwareSign", md5));

    assertThat(uploaded.statusCode()).isEqualTo(204);
    assertThat(created.get("Success").booleanValue()).isTrue();
    assertThat(gateway.jobService.received.getLast().command()).isInstanceOfSatisfying(Command.CreateFirmware.class,
        command -> {
          var file = command.spec().file();
          assertThat(file.key()).isEqualTo(text(form, "Key")).hasSizeLessThanOrEqualTo(40);
          assertThat(file.url()).isEqualTo(text(form, "FirmwareUrl"));
          assertThat(file.size()).isEqualTo(CONTENT.length);
          assertThat(file.md5()).isEqualTo(md5);
          assertThat(file.sha256()).isEqualTo(hex("SHA-256", CONTENT));
        });
  }

  @Test
  void whatWasDeclaredOtherwiseThanMeasuredIsRefused() throws Exception {
    var form = form();
    upload(form, CONTENT, Map.of());

    var size = createFirmware(form, Map.of("FirmwareSize", "1"));
    var sign = createFirmware(form, Map.of("FirmwareSign", "0".repeat(32)));
    var missing = createFirmware(form(), Map.of());

    assertThat(size.get("Code").stringValue()).isEqualTo("iot.ota.FirmwareSizeMismatch");
    assertThat(size.get("Message").stringValue()).contains("FirmwareSize: 1 ").contains("3000000 bytes");
    assertThat(sign.get("Code").stringValue()).isEqualTo("iot.ota.FirmwareSignMismatch");
    assertThat(sign.get("Message").stringValue()).contains("0".repeat(32)).contains(hex("MD5", CONTENT));
    assertThat(missing.get("Code").stringValue()).isEqualTo("iot.ota.FirmwareFileNotFound");
  }

  @Test
  void aFileElsewhereBecomesFirmwareWithoutBeingFetched() throws Exception {
    try (var elsewhere = new HttpDouble()) {
      var url = elsewhere.uri() + "/fw.bin?token=a%2Fb";
      var form = (ObjectNode) form();
      form.put("FirmwareUrl", url);

      var undeclared = createFirmware(form, Map.of("FirmwareSize", "7"));
      var created = createFirmware(form, Map.of("FirmwareSize", "7", "FirmwareSign", "a".repeat(32)));

      assertThat(undeclared.get("Code").stringValue()).isEqualTo("iot.common.InvalidFormattedParameter");
      assertThat(undeclared.get("Message").stringValue()).startsWith("FirmwareSign: missing (expected: 32 hex");
      assertThat(created.get("Success").booleanValue()).isTrue();
      assertThat(gateway.jobService.received.getLast().command()).isInstanceOfSatisfying(Command.CreateFirmware.class,
          command -> assertThat(command.spec().file())
              .isEqualTo(FirmwareFile.elsewhere(url, 7, FirmwareFile.SignMethod.MD5, "a".repeat(32))));
      form.put("FirmwareUrl", gateway.uri + "/files/" + "0".repeat(22) + ".bin");
      assertThat(createFirmware(form, Map.of("FirmwareSize", "7", "FirmwareSign", "a".repeat(32))).get("Code")
          .stringValue()).isEqualTo("iot.ota.FirmwareFileNotFound");
      assertThat(elsewhere.asked).isEmpty();
    }
  }

  @Test
  void jobServiceIsAskedWhichFilesFirmwareHasAndNoAnswerIsAnError() {
    var files = gateway.context.getBean(FilesInUse.class);

    assertThatThrownBy(() -> files.of(List.of("a", "b")).block()).isInstanceOf(RuntimeException.class);
    gateway.secrets.answers.put("/internal/files/in-use", new HttpDouble.Given(200, ""));
    assertThatThrownBy(() -> files.of(List.of("a", "b")).block()).isInstanceOf(RuntimeException.class);
    gateway.secrets.answers.put("/internal/files/in-use", new HttpDouble.Given(200, "[\"b\"]"));
    assertThat(files.of(List.of("a", "b")).block()).containsExactly("b");
  }

  @Test
  void aFileIsServedWholeOrFromWhereADownloadBroke() throws Exception {
    var form = form();
    upload(form, CONTENT, Map.of());
    var path = LINKS.path(text(form, "Key"), Instant.now().plusSeconds(60));

    var whole = get(path, "GET", Map.of());
    var etag = whole.headers().firstValue("etag").orElseThrow();
    var fromStart = get(path, "GET", Map.of("Range", "bytes=0-"));
    var middle = get(path, "GET", Map.of("Range", "bytes=1000000-1999999", "If-Range", etag));
    var end = get(path, "GET", Map.of("Range", "bytes=-10"));
    var another = get(path, "GET", Map.of("Range", "bytes=-10", "If-Range", "\"another\""));
    var beyond = get(path, "GET", Map.of("Range", "bytes=3000000-"));
    var known = get(path, "GET", Map.of("If-None-Match", etag));
    var head = get(path, "HEAD", Map.of("Accept-Encoding", "gzip"));

    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(CONTENT);
    assertThat(whole.headers().firstValue("content-length")).contains("3000000");
    assertThat(whole.headers().firstValue("accept-ranges")).contains("bytes");
    assertThat(fromStart.statusCode()).isEqualTo(206);
    assertThat(fromStart.headers().firstValue("content-range")).contains("bytes 0-2999999/3000000");
    assertThat(fromStart.body()).isEqualTo(CONTENT);
    assertThat(middle.statusCode()).isEqualTo(206);
    assertThat(middle.headers().firstValue("content-range")).contains("bytes 1000000-1999999/3000000");
    assertThat(middle.body()).isEqualTo(Arrays.copyOfRange(CONTENT, 1_000_000, 2_000_000));
    assertThat(end.body()).isEqualTo(Arrays.copyOfRange(CONTENT, 2_999_990, 3_000_000));
    assertThat(another.statusCode()).isEqualTo(200);
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(beyond.headers().firstValue("content-range")).contains("bytes */3000000");
    assertThat(known.statusCode()).isEqualTo(304);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("content-length")).contains("3000000");
    assertThat(head.body()).isEmpty();
  }

  @Test
  void aDownloadIsNeverCompressedAndWhatIsNoRangeIsNotThere() throws Exception {
    var form = form();
    upload(form, CONTENT, Map.of());
    var path = LINKS.path(text(form, "Key"), Instant.now().plusSeconds(60));
    var modified = get(path, "HEAD", Map.of()).headers().firstValue("last-modified").orElseThrow();
    var earlier = "Mon, 23 Nov 2020 14:38:59 GMT";

    for (var headers : List.of(Map.of("Accept-Encoding", "gzip, br"), Map.of("Range", "bytes=0-9,20-29"),
        Map.of("Range", "bytes=9-0"), Map.of("Range", "lines=1-2"), Map.of("Range", "bytes=0-9", "If-Range", earlier),
        Map.of("If-Modified-Since", earlier), Map.of("If-None-Match", "\"another\""))) {
      var whole = get(path, "GET", headers);

      assertThat(whole.statusCode()).as(headers.toString()).isEqualTo(200);
      assertThat(whole.headers().firstValue("content-length")).contains("3000000");
      assertThat(whole.headers().firstValue("content-encoding")).isEmpty();
      assertThat(whole.headers().firstValue("cache-control")).contains("no-transform");
      assertThat(whole.body()).isEqualTo(CONTENT);
    }
    assertThat(get(path, "GET", Map.of("Range", "bytes=0-9", "If-Range", modified)).body())
        .isEqualTo(Arrays.copyOf(CONTENT, 10));
    assertThat(get(path, "HEAD", Map.of("Range", "bytes=0-9")).headers().firstValue("content-length")).contains("10");
    assertThat(get(path, "GET", Map.of("If-Modified-Since", modified)).statusCode()).isEqualTo(304);
    assertThat(get(path, "GET", Map.of("Range", "bytes=3000000-3000001")).statusCode()).isEqualTo(416);
    assertThat(get(path, "GET", Map.of("Range", "bytes=2999999-4000000")).headers().firstValue("content-range"))
        .contains("bytes 2999999-2999999/3000000");
  }

  @Test
  void manySlowDownloadsAtOnceLeaveRoomForAFastOne() throws Exception {
    var form = form();
    upload(form, CONTENT, Map.of());
    var path = LINKS.path(text(form, "Key"), Instant.now().plusSeconds(60));
    var slow = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 60; i++) {
        var socket = new Socket();
        socket.setReceiveBufferSize(64 * 1024);
        slow.add(socket);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.uri.getPort()));
        socket.getOutputStream()
            .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        // The answer has begun; nobody takes the rest.
        assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
            .isEqualTo("HTTP/1.1 200");
      }

      assertThat(get(path, "GET", Map.of()).body()).isEqualTo(CONTENT);
      var late = slow.getLast().getInputStream();
      var answer = new ByteArrayOutputStream();
      while (!endsWith(answer, CONTENT)) {
        answer.write(late.read());
        answer.write(late.readNBytes(late.available()));
      }
    } finally {
      for (var socket : slow) {
        socket.close();
      }
    }
  }

  private static boolean endsWith(ByteArrayOutputStream read, byte[] content) {
    if (read.size() < content.length) {
      return false;
    }
    var bytes = read.toByteArray();
    return Arrays.equals(bytes, bytes.length - content.length, bytes.length, content, 0, content.length);
  }

  @Test
  void ofTwoContentsThatComeAtOnceUnderOneKeyOneIsKept() throws Exception {
    var form = form();
    var contents = IntStream.range(0, 8).mapToObj(i -> ("content " + i).getBytes(StandardCharsets.UTF_8)).toList();

    try (var clients = Executors.newFixedThreadPool(contents.size())) {
      var statuses = clients
          .invokeAll(contents.stream()
              .map(content -> (Callable<Integer>) () -> upload(form, content, Map.of()).statusCode()).toList())
          .stream().map(Future::resultNow).toList();

      assertThat(statuses).filteredOn(status -> status == 204).hasSize(1);
      assertThat(statuses).filteredOn(status -> status == 409).hasSize(7);
      var path = LINKS.path(text(form, "Key"), Instant.now().plusSeconds(60));
      assertThat(get(path, "GET", Map.of()).body()).isEqualTo(contents.get(statuses.indexOf(204)));
    }
    assertThat(kept().stream().filter(name -> name.startsWith(text(form, "Key")))).hasSize(2);
  }

  @Test
  void withoutAValidLinkThereIsNoFile() throws Exception {
    var form = form();
    upload(form, CONTENT, Map.of());
    var key = text(form, "Key");
    var expired = LINKS.path(key, Instant.now().minusSeconds(5));
    var unknown = LINKS.path("0".repeat(22) + ".bin", Instant.now().plusSeconds(60));
    var outside = LINKS.path("..%2Fx", Instant.now().plusSeconds(60));

    assertThat(get(expired, "GET", Map.of()).statusCode()).isEqualTo(403);
    assertThat(get("/d/" + key, "GET", Map.of()).statusCode()).isEqualTo(403);
    assertThat(get(unknown, "GET", Map.of()).statusCode()).isEqualTo(404);
    assertThat(get(outside, "GET", Map.of()).statusCode()).isIn(403, 404);
  }

  @Test
  void anUploadThatItsFormDoesNotAllowIsRefusedAndLeavesNothing() throws Exception {
    var form = form();

    assertThat(upload(form, new byte[MAX + 1], Map.of()).body()).contains("<Code>EntityTooLarge</Code>");
    assertThat(upload(form, new byte[0], Map.of()).body()).contains("<Code>EntityTooSmall</Code>");
    assertThat(upload(form, CONTENT, Map.of("Signature", "x")).body()).contains("<Code>SignatureDoesNotMatch</Code>");
    assertThat(upload(form, CONTENT, Map.of("key", "0".repeat(22) + ".bin")).body())
        .contains("<Code>AccessDenied</Code>");
    assertThat(upload(form, CONTENT, Map.of("OSSAccessKeyId", "other")).statusCode()).isEqualTo(403);
    assertThat(createFirmware(form, Map.of()).get("Code").stringValue()).isEqualTo("iot.ota.FirmwareFileNotFound");
    await().until(() -> incoming() == 0);
  }

  @Test
  void anUploadThatBreaksOffLeavesNothing() throws Exception {
    var form = form();
    var head = new StringBuilder();
    fields(form).forEach((name, value) -> head.append("--b\r\nContent-Disposition: form-data; name=\"").append(name)
        .append("\"\r\n\r\n").append(value).append("\r\n"));
    head.append("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n");

    try (var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.uri.getPort())) {
      var out = socket.getOutputStream();
      out.write(("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
          + "Content-Length: 3000000\r\n\r\n" + head).getBytes(StandardCharsets.UTF_8));
      out.write(CONTENT, 0, 1_000_000);
      out.flush();
      await().until(() -> incoming() == 1);
    }

    await().until(() -> incoming() == 0);
    assertThat(createFirmware(form, Map.of()).get("Code").stringValue()).isEqualTo("iot.ota.FirmwareFileNotFound");
  }

  @Test
  void aKeyTakesOneContentForGood() throws Exception {
    var form = form();

    var first = upload(form, CONTENT, Map.of("success_action_status", "201"));
    var again = upload(form, CONTENT, Map.of("success_action_status", "200"));
    var other = upload(form, new byte[]{1}, Map.of());

    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(other.statusCode()).isEqualTo(409);
    assertThat(createFirmware(form, Map.of("FirmwareSize", "" + CONTENT.length)).get("Success").booleanValue())
        .isTrue();
    assertThat(kept().stream().filter(name -> name.startsWith(text(form, "Key")))).hasSize(2);
  }

  JsonNode form() throws Exception {
    var answer = gateway.client.call("GenerateOTAUploadURL", Map.of("FileSuffix", "tar.gz")).json();
    assertThat(answer.get("Success").booleanValue()).isTrue();
    return answer.get("Data");
  }

  JsonNode createFirmware(JsonNode form, Map<String, String> declared) throws Exception {
    var parameters = new TreeMap<>(Map.of("FirmwareName", "fw", "DestVersion", "2.0.0", "ProductKey",
        PRODUCT.value(), "FirmwareUrl", text(form, "FirmwareUrl")));
    parameters.putAll(declared);
    return gateway.client.call("CreateOTAFirmware", parameters).json();
  }

  HttpResponse<String> upload(JsonNode form, byte[] content, Map<String, String> changed)
      throws Exception {
    var fields = new LinkedHashMap<>(fields(form));
    fields.putAll(changed);
    var head = new StringBuilder();
    fields.forEach((name, value) -> head.append("--b\r\nContent-Disposition: form-data; name=\"").append(name)
        .append("\"\r\n\r\n").append(value).append("\r\n"));
    head.append("""
                --b\r
                Content-Disposition: form-data; name="file"; filename="fw.bin"\r
                Content-Type: application/octet-stream\r
                \r
                """);
    var body = HttpRequest.BodyPublishers.ofInputStream(() -> new SequenceInputStream(Collections.enumeration(
        List.of(stream(head.toString().getBytes(StandardCharsets.UTF_8)), stream(content),
            stream("\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8))))));
    return HTTP.send(HttpRequest.newBuilder(URI.create(text(form, "Host")))
        .header("Content-Type", "multipart/form-data; boundary=b").POST(body).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static Map<String, String> fields(JsonNode form) {
    return Map.of("key", text(form, "Key"), "policy", text(form, "Policy"), "OSSAccessKeyId",
        text(form, "OSSAccessKeyId"), "Signature", text(form, "Signature"));
  }

  /** How many files are coming in. */
  long incoming() throws IOException {
    try (var paths = Files.list(directory.resolve("incoming"))) {
      return paths.count();
    }
  }

  private static ByteArrayInputStream stream(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  HttpResponse<byte[]> get(String path, String method, Map<String, String> headers) throws Exception {
    var request = HttpRequest.newBuilder(gateway.uri.resolve(path)).method(method,
        HttpRequest.BodyPublishers.noBody());
    headers.forEach(request::header);
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  static String text(JsonNode node, String name) {
    return Objects.requireNonNull(node.get(name)).stringValue();
  }

  private static String hex(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
