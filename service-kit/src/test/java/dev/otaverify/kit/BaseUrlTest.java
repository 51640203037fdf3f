// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseUrlTest {
  @ParameterizedTest
  @CsvSource({"http://fw.example.com,http,fw.example.com,-1,''",
      "https://fw.example.com/ota,https,fw.example.com,-1,/ota",
      "HTTP://127.0.0.1:8080,http,127.0.0.1,8080,''", "https://[::1]:8443/a/b,https,[::1],8443,/a/b"})
  void itHasASchemeAHostAndMaybeAPortAndAPath(String text, String scheme, String host, int port, String path) {
    assertThat(BaseUrl.parse("p", text)).isEqualTo(new BaseUrl(scheme, host, port, path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fw.example.com", "ftp://fw.example.com", "http://", "http://fw.example.com/",
      "http://fw.example.com?x", "http://fw.example.com#x", "http://user@fw.example.com", "http://a b", "http:fw"})
  void whatIsNoneIsRefusedWithWhatIsExpected(String text) {
    assertThatThrownBy(() -> BaseUrl.parse("ota.files.base-url", text)).hasMessage("ota.files.base-url: " + text
        + " (expected: http:// or https://, a host of up to 255 characters, maybe a port and a path of up to 180,"
        + " and no slash at the end)");
  }

  @Test
  void aPathThatLeavesNoRoomForALinkIsRefused() {
    var longest = "/" + "p".repeat(179);
    var link = new DownloadLinks("0123456789abcdef").path("0".repeat(22) + ".tar.gz",
        Instant.parse("9999-12-31T23:59:59Z"));

    assertThat(BaseUrl.parse("p", "http://h" + longest).path() + link).hasSizeLessThan(255);
    assertThatThrownBy(() -> BaseUrl.parse("p", "http://h" + longest + "p"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"http://cdn.example.com/fw.bin,true", "https://cdn.example.com:8443/fw.bin?t=1,true",
      "https://FW.example.com/files/x,false", "http://fw.example.com/other,false", "https://fw.example.com:443/x,false",
      "https://fw.example.com:8443/x,true", "ftp://cdn.example.com/fw.bin,false", "/fw.bin,false", "fw.bin,false",
      "http://cdn.example.com/a b,false", "http://user:pw@cdn.example.com/,false", "http:///fw.bin,false"})
  void elsewhereIsAnotherServer(String url, boolean elsewhere) {
    assertThat(BaseUrl.parse("p", "https://fw.example.com/ota").isElsewhere(url)).isEqualTo(elsewhere);
  }
}
