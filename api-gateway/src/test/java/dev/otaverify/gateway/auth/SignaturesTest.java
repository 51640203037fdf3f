// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.gateway.api.ApiRequest;
import dev.otaverify.gateway.api.GatewayException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** Requests of the vendor's clients as they were captured, and the same with one byte changed. */
class SignaturesTest {
  private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  private static final String DEVICES = "DownloadProtocol=HTTPS&FirmwareId=ok&NeedConfirm=false&NeedPush=true"
      + "&ProductKey=a1VJwBw0000&Tag.1.Key=k.1&Tag.1.Value=v%2F1%2B%3D&TargetDeviceName.1=dev%201"
      + "&TargetDeviceName.2=dev%2A2~%E8%AE%BE%E5%A4%87&TimeoutInMinutes=1440";

  /** A request before it is read. */
  record Captured(String name, String method, Map<String, String> headers, String query, String form,
      String signedAt) {

    ApiRequest request() {
      return ApiRequest.of(method, headers, ApiRequest.pairs(query), ApiRequest.pairs(form),
          form.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  static Stream<Captured> captured() {
    var v1 = DEVICES + "&AccessKeyId=testid&Action=CreateOTAVerifyJob&Format=JSON&RegionId=cn-shanghai"
        + "&SignatureMethod=HMAC-SHA1&SignatureNonce=ea9862beac0420626a7973793dad8acd&SignatureVersion=1.0"
        + "&Timestamp=2026-11-23T14%3A38%3A59Z&Version=2018-01-20&Signature=MPEutWza3wA5pHAHAueehImz4S4%3D";
    var inForm = "FirmwareId=ok&NeedPush=true&ProductKey=a1VJwBw0000&Tag.1.Key=k.1&Tag.1.Value=v%2F1%2B%3D"
        + "&TargetDeviceName.1=dev%201&TargetDeviceName.2=dev%2A2~%E8%AE%BE%E5%A4%87&TimeoutInMinutes=1440"
        + "&AccessKeyId=testid&Action=CreateOTAVerifyJob&Format=JSON&RegionId=cn-shanghai&SignatureMethod=HMAC-SHA1"
        + "&SignatureNonce=db9087743f42e0c816dc2824c954686f&SignatureVersion=1.0&Timestamp=2026-11-23T14%3A40%3A20Z"
        + "&Version=2018-01-20&Signature=vlBmscGQ3FSpC6ljlF11dz2Fb7Y%3D";
    var emptyUnsigned = "IotInstanceId=&AccessKeyId=testid&Action=QueryOTAFirmware&FirmwareId=ok&Format=json"
        + "&SignatureMethod=HMAC-SHA1&SignatureNonce=1ff705a2-da8d-4a4e-9fa8-b27516622a7517954447891321"
        + "&SignatureVersion=1.0&Timestamp=2026-11-23T14%3A39%3A49Z&Version=2018-01-20"
        + "&Signature=G06zftGoDMwuOD8xgLpOVS/EPX8%3D";
    var tea = acs3("CreateOTAVerifyJob", "2026-11-23T14:39:48Z",
        "fd7f2b76-e706-4b27-9fd2-046f7a838f1b17954447888601",
        "cb90ac7406b036579cdbb505ff64c644d1365632380a4fd4993394de0315012f", Map.of("host", "127.0.0.1:8930"));
    var npm = acs3("CreateOTAVerifyJob", "2026-11-23T14:40:24Z", "41583b969b2e7f7a4366f1645ea04cbf",
        "be83aa423473bc5306afaa55daa3e049fe1f1fb83b7eb77d0feea29d86885b8b",
        Map.of("host", "127.0.0.1:8930", "x-acs-credentials-provider", "static_ak"));
    var classic = acs3("QueryOTAFirmware", "2026-11-23T14:39:00Z", "7e33e3704bf806070686d8453f5def3c",
        "7b15a6dff03bfdbe34461d6102ee270b26b9263b9294a5117cd5b8dffdf2f3be",
        Map.of("content-type", "application/x-www-form-urlencoded"));
    return Stream.of(
        new Captured("V1 in the query", "POST", Map.of(), v1, "", "2026-11-23T14:38:59Z"),
        new Captured("V1 in the form", "POST", Map.of(), "", inForm, "2026-11-23T14:40:20Z"),
        new Captured("V1 with an empty value unsigned", "POST", Map.of(), emptyUnsigned, "", "2026-11-23T14:39:49Z"),
        new Captured("ACS3 of Tea", "POST", tea,
            "NeedPush=true&Tag.1.Key=k.1&DownloadProtocol=HTTPS&FirmwareId=ok&Tag.1.Value=v%2F1%2B%3D"
                + "&NeedConfirm=false&TargetDeviceName.2=dev*2%7E%E8%AE%BE%E5%A4%87&TargetDeviceName.1=dev+1"
                + "&ProductKey=a1VJwBw0000&TimeoutInMinutes=1440",
            "", "2026-11-23T14:39:48Z"),
        new Captured("ACS3 of npm", "POST", npm,
            "FirmwareId=ok&NeedPush=true&ProductKey=a1VJwBw0000&Tag.1.Key=k.1&Tag.1.Value=v%2F1%2B%3D"
                + "&TargetDeviceName.1=dev%201&TargetDeviceName.2=dev%2A2~%E8%AE%BE%E5%A4%87&TimeoutInMinutes=1440",
            "", "2026-11-23T14:40:24Z"),
        new Captured("ACS3 of classic", "POST", classic,
            "Action=QueryOTAFirmware&FirmwareId=ok&Format=JSON&IotInstanceId=iot-x+y&Version=2018-01-20", "",
            "2026-11-23T14:39:00Z"));
  }

  @ParameterizedTest
  @MethodSource("captured")
  void aCapturedRequestIsOfItsSigner(Captured captured) {
    var caller = Objects.requireNonNull(authenticator(captured).authenticate(captured.request(), TRACE).block());

    assertThat(caller.account()).isEqualTo(new AccountId("acme"));
    assertThat(captured.request().require("Action")).isIn("CreateOTAVerifyJob", "QueryOTAFirmware");
    assertThat(
        Objects.requireNonNull(authenticator(captured).authenticate(captured.request(), TRACE).block()).command())
        .isEqualTo(caller.command());
  }

  @ParameterizedTest
  @MethodSource("captured")
  void aRequestWithAnyByteOfItsSignedPartChangedIsRefused(Captured captured) {
    var authenticator = authenticator(captured);
    var changed = new ArrayList<Captured>();
    changed.add(new Captured("method", "GET", captured.headers, captured.query, captured.form, captured.signedAt));
    changedTexts(decodedPairs(captured.query)).forEach(query -> changed.add(
        new Captured("query " + query, captured.method, captured.headers, query, captured.form, captured.signedAt)));
    changedTexts(decodedPairs(captured.form)).forEach(form -> changed.add(
        new Captured("form " + form, captured.method, captured.headers, captured.query, form, captured.signedAt)));
    captured.headers.forEach((name, value) -> {
      for (int i = 0; i < value.length(); i++) {
        var headers = new TreeMap<>(captured.headers);
        headers.put(name, flipped(value, i));
        changed.add(
            new Captured(name + " " + i, captured.method, headers, captured.query, captured.form, captured.signedAt));
      }
    });

    assertThat(changed).hasSizeGreaterThan(200);
    for (var request : changed) {
      assertThatThrownBy(() -> authenticator.authenticate(request.request(), TRACE).block()).as(request.name)
          .isInstanceOf(GatewayException.class);
    }
  }

  @Test
  void aBodyThatIsNotTheSignedOneIsRefused() {
    var tea = captured().filter(it -> it.name.equals("ACS3 of Tea")).findFirst().orElseThrow();
    var withBody = new Captured("body", tea.method, tea.headers, tea.query, "x=1", tea.signedAt);

    assertThatThrownBy(() -> authenticator(tea).authenticate(withBody.request(), TRACE).block())
        .isInstanceOf(GatewayException.class).hasMessageContaining("x-acs-content-sha256");
  }

  @Test
  void whatMustBeSignedCannotBeLeftOut() {
    var tea = captured().filter(it -> it.name.equals("ACS3 of Tea")).findFirst().orElseThrow();
    var headers = new TreeMap<>(tea.headers);
    headers.computeIfPresent("authorization", (name, value) -> value.replace("x-acs-action;", ""));

    assertThatThrownBy(() -> authenticator(tea)
        .authenticate(new Captured("less", tea.method, headers, tea.query, "", tea.signedAt).request(), TRACE).block())
        .isInstanceOfSatisfying(GatewayException.class,
            error -> assertThat(error.code()).isEqualTo("IncompleteSignature"));
  }

  @Test
  void theRefusalOfASignatureEndsWithTheStringThatWasToBeSigned() {
    for (var captured : captured().toList()) {
      var others = new Authenticator(keys("other-secret"),
          Clock.fixed(Instant.parse(captured.signedAt), ZoneOffset.UTC), Duration.ofMinutes(15));

      assertThatThrownBy(() -> others.authenticate(captured.request(), TRACE).block()).isInstanceOfSatisfying(
          GatewayException.class,
          error -> {
            assertThat(error.code()).isEqualTo("SignatureDoesNotMatch");
            assertThat(error.text()).containsPattern("server string to sign is:(POST&%2F&|ACS3-HMAC-SHA256\n)");
          });
    }
  }

  @Test
  void anActionInTheQueryMustBeTheSignedOneOfTheHeaders() {
    var tea = captured().filter(it -> it.name.equals("ACS3 of Tea")).findFirst().orElseThrow();

    assertThatThrownBy(() -> new Captured("other action", tea.method, tea.headers, "Action=DeleteProduct", "",
        tea.signedAt).request()).isInstanceOf(GatewayException.class).hasMessageContaining("Action");
  }

  private static Authenticator authenticator(Captured captured) {
    return new Authenticator(keys("testsecret"),
        Clock.fixed(Instant.parse(captured.signedAt), ZoneOffset.UTC), Duration.ofMinutes(15));
  }

  private static AccessKeys keys(String secret) {
    return id -> id.equals("testid")
        ? Mono.just(new KnownKey(new AccessKey(id, secret, new AccountId("acme")), Permissions.ALL, true))
        : Mono.empty();
  }

  private static Map<String, String> acs3(String action, String date, String nonce, String signature,
      Map<String, String> others) {
    var headers = new TreeMap<>(Map.of("x-acs-action", action, "x-acs-content-sha256", EMPTY, "x-acs-date", date,
        "x-acs-signature-nonce", nonce, "x-acs-version", "2018-01-20"));
    headers.putAll(others);
    var all = new LinkedHashMap<String, String>(headers);
    all.put("authorization", "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=" + String.join(";", headers.keySet())
        + ",Signature=" + signature);
    return all;
  }

  private static List<ApiRequest.Pair> decodedPairs(String text) {
    return ApiRequest.pairs(text);
  }

  /** The parameters with each character of each name and value changed, one after the other. */
  private static List<String> changedTexts(List<ApiRequest.Pair> pairs) {
    var texts = new ArrayList<String>();
    for (int i = 0; i < pairs.size(); i++) {
      var pair = pairs.get(i);
      // One client sends parameters without a value, which it does not sign.
      if (pair.value().isEmpty()) {
        continue;
      }
      for (int at = 0; at < pair.name().length(); at++) {
        texts.add(text(pairs, i, new ApiRequest.Pair(flipped(pair.name(), at), pair.value())));
      }
      for (int at = 0; at < pair.value().length(); at++) {
        texts.add(text(pairs, i, new ApiRequest.Pair(pair.name(), flipped(pair.value(), at))));
      }
    }
    return texts;
  }

  private static String text(List<ApiRequest.Pair> pairs, int changed, ApiRequest.Pair replacement) {
    var all = new ArrayList<>(pairs);
    all.set(changed, replacement);
    return all.stream().map(pair -> encoded(pair.name()) + "=" + encoded(pair.value()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String flipped(String text, int at) {
    return text.substring(0, at) + (char) (text.charAt(at) ^ 1) + text.substring(at + 1);
  }
}
