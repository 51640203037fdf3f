// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.gateway.api.ApiRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The vectors were captured from the vendor's own clients. */
class HmacSha1SchemeTest {
  private static final String SECRET = "testsecret";
  private static final String DEVICES_AND_TAG = "Tag.1.Key=k.1&Tag.1.Value=v%2F1%2B%3D&TargetDeviceName.1=dev+1"
      + "&TargetDeviceName.2=dev*2%7E%E8%AE%BE%E5%A4%87";

  private final HmacSha1Scheme scheme = new HmacSha1Scheme();

  @Test
  void signsAsTheClassicClientDoes() {
    var claim = scheme.claim(request("Timestamp=2026-11-23T14%3A38%3A59Z&AccessKeyId=testid&Action=CreateOTAVerifyJob"
        + "&DownloadProtocol=HTTPS&FirmwareId=ok&Format=JSON&NeedConfirm=false&NeedPush=true&ProductKey=a1VJwBw0000"
        + "&RegionId=cn-shanghai&SignatureMethod=HMAC-SHA1&SignatureNonce=ea9862beac0420626a7973793dad8acd"
        + "&SignatureVersion=1.0&" + DEVICES_AND_TAG + "&TimeoutInMinutes=1440&Version=2018-01-20&Signature=x"));

    assertThat(claim.stringsToSign()).containsExactly(
        "POST&%2F&AccessKeyId%3Dtestid%26Action%3DCreateOTAVerifyJob%26DownloadProtocol%3DHTTPS%26FirmwareId%3Dok"
            + "%26Format%3DJSON%26NeedConfirm%3Dfalse%26NeedPush%3Dtrue%26ProductKey%3Da1VJwBw0000%26RegionId%3Dcn-shanghai"
            + "%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dea9862beac0420626a7973793dad8acd%26SignatureVersion%3D1.0"
            + "%26Tag.1.Key%3Dk.1%26Tag.1.Value%3Dv%252F1%252B%253D%26TargetDeviceName.1%3Ddev%25201"
            + "%26TargetDeviceName.2%3Ddev%252A2~%25E8%25AE%25BE%25E5%25A4%2587%26TimeoutInMinutes%3D1440"
            + "%26Timestamp%3D2026-11-23T14%253A38%253A59Z%26Version%3D2018-01-20");
    assertThat(scheme.sign(SECRET, claim.stringsToSign().getFirst())).isEqualTo("MPEutWza3wA5pHAHAueehImz4S4=");
  }

  @Test
  void signsAsPopCoreDoes() {
    var claim = scheme.claim(request("AccessKeyId=testid&Action=CreateOTAVerifyJob&FirmwareId=ok&Format=JSON"
        + "&NeedPush=true&ProductKey=a1VJwBw0000&RegionId=cn-shanghai&SignatureMethod=HMAC-SHA1"
        + "&SignatureNonce=db9087743f42e0c816dc2824c954686f&SignatureVersion=1.0&" + DEVICES_AND_TAG
        + "&TimeoutInMinutes=1440&Timestamp=2026-11-23T14%3A40%3A20Z&Version=2018-01-20&Signature=x"));

    assertThat(scheme.sign(SECRET, claim.stringsToSign().getFirst())).isEqualTo("vlBmscGQ3FSpC6ljlF11dz2Fb7Y=");
  }

  @Test
  void leavesOutEmptyParametersInASecondTryAsTeaV2Does() {
    var claim = scheme.claim(request("AccessKeyId=testid&Action=QueryOTAFirmware&FirmwareId=ok&Format=json"
        + "&IotInstanceId=&SignatureMethod=HMAC-SHA1"
        + "&SignatureNonce=1ff705a2-da8d-4a4e-9fa8-b27516622a7517954447891321&SignatureVersion=1.0"
        + "&Timestamp=2026-11-23T14%3A39%3A49Z&Version=2018-01-20&Signature=x"));

    assertThat(claim.stringsToSign()).hasSize(2);
    assertThat(claim.stringsToSign().getFirst()).contains("IotInstanceId%3D%26");
    assertThat(claim.stringsToSign().getLast()).isEqualTo(
        "POST&%2F&AccessKeyId%3Dtestid%26Action%3DQueryOTAFirmware%26FirmwareId%3Dok%26Format%3Djson"
            + "%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D1ff705a2-da8d-4a4e-9fa8-b27516622a7517954447891321"
            + "%26SignatureVersion%3D1.0%26Timestamp%3D2026-11-23T14%253A39%253A49Z%26Version%3D2018-01-20");
    assertThat(scheme.sign(SECRET, claim.stringsToSign().getLast())).isEqualTo("G06zftGoDMwuOD8xgLpOVS/EPX8=");
  }

  private static ApiRequest request(String form) {
    return ApiRequest.of("POST", Map.of(), List.of(), ApiRequest.pairs(form), new byte[0]);
  }
}
