// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Objects;

/**
 * How the files are reached from outside: scheme, host, a port if it is not that of the scheme, and a path if a proxy in front has
 * them under one. Devices of the vendor's C SDK keep less than 256 characters of a host and of a path, of which the longest
 * {@link DownloadLinks link} needs 70.
 */
public record BaseUrl(String scheme, String host, int port, String path) {
  private static final int MAX_HOST = 255;
  private static final int MAX_PATH = 180;
  private static final String EXPECTED = "http:// or https://, a host of up to " + MAX_HOST
      + " characters, maybe a port and a path of up to " + MAX_PATH + ", and no slash at the end";

  /**
   * Reads one.
   *
   * @param property it is the value of
   * @throws IllegalArgumentException if it is none
   */
  public static BaseUrl parse(String property, String text) {
    try {
      var uri = new URI(text);
      if (isHttp(uri) && !text.endsWith("/") && uri.getRawQuery() == null && uri.getRawFragment() == null
          && uri.getHost().length() <= MAX_HOST && uri.getRawPath().length() <= MAX_PATH) {
        return new BaseUrl(uri.getScheme().toLowerCase(Locale.ROOT), uri.getHost(), uri.getPort(), uri.getRawPath());
      }
    } catch (URISyntaxException e) {
      // refused below
    }
    throw new IllegalArgumentException(property + ": " + text + " (expected: " + EXPECTED + ")");
  }

  /**
   * Whether this is an absolute {@code http} or {@code https} URL of another server. The same host is the same server by either
   * scheme: it is reached by both when a proxy is in front.
   */
  public boolean isElsewhere(String url) {
    try {
      var uri = new URI(url);
      return isHttp(uri) && !(uri.getHost().equalsIgnoreCase(host)
          && (uri.getPort() == port || (isUsual(uri.getScheme(), uri.getPort()) && isUsual(scheme, port))));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isHttp(URI uri) {
    var scheme = Objects.requireNonNullElse(uri.getScheme(), "").toLowerCase(Locale.ROOT);
    return (scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null && uri.getRawUserInfo() == null;
  }

  private static boolean isUsual(String scheme, int port) {
    return port == -1 || port == (scheme.equalsIgnoreCase("https") ? 443 : 80);
  }
}
