// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.RefusedException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The URL of an endpoint, as a caller gives it. */
final class TargetUrl {
  private static final String EXPECTED = "an http or https URL with a host, without user, password and fragment";

  private TargetUrl() {}

  /**
   * Checks one. Where a name leads is only known when it is connected to, see {@link AllowedAddresses}; an address is refused at once.
   *
   * @return the same
   * @throws RefusedException if it is not as expected
   */
  static String check(String url, AddressPolicy policy) {
    try {
      var uri = new URI(url);
      var scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if ((scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null && uri.getRawUserInfo() == null
          && uri.getRawFragment() == null && uri.getPort() != 0 && uri.getPort() <= 0xffff) {
        byte @Nullable [] literal = NetUtil.createByteArrayFromIpAddressString(uri.getHost());
        if (uri.getHost().equalsIgnoreCase("localhost")) {
          literal = new byte[]{127, 0, 0, 1};
        }
        if (literal == null || policy.allows(InetAddress.getByAddress(literal))) {
          return url;
        }
        throw RefusedException.unexpected(ErrorCode.INVALID_WEBHOOK_URL, "Url", masked(url),
            "not an address of the gateway itself, its link or its cloud, nor in ota.webhooks.denied-networks");
      }
    } catch (URISyntaxException | UnknownHostException e) {
      // refused below
    }
    throw RefusedException.unexpected(ErrorCode.INVALID_WEBHOOK_URL, "Url", masked(url), EXPECTED);
  }

  /** Without what may be secret in it: scheme, host and port. */
  static String masked(String url) {
    try {
      var uri = new URI(url);
      return uri.getHost() == null
          ? "(not shown)"
          : uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()) + "/…";
    } catch (URISyntaxException e) {
      return "(not shown)";
    }
  }
}
