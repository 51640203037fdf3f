// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * How a device logs in, as the vendor's SDKs do it: user name {@code {deviceName}&{productKey}}, client id
 * {@code {id}|k=v,…|}, and as password the hex HMAC, keyed with the device's secret, of the names and values of
 * clientId (the id alone), deviceName, productKey and, if given, timestamp, in this order and without separators.
 *
 * <p>The timestamp is not looked at: one of the SDKs sends a constant.
 *
 * @param id what stands before the first bar of the client id
 * @param parameters what stands between the bars
 */
record DeviceLogin(DeviceId device, String id, Map<String, String> parameters) {

  /** More than any SDK sends; a limit since it is kept for the time of a connection. */
  static final int MAX_CLIENT_ID = 1024;

  DeviceLogin {
    parameters = Map.copyOf(parameters);
  }

  /** Reads a login; empty if user name or client id have not the form above. */
  static Optional<DeviceLogin> of(String userName, String clientId) {
    var device = device(userName);
    int bar = clientId.indexOf('|');
    if (device.isEmpty() || clientId.length() > MAX_CLIENT_ID || bar < 0 || bar == clientId.length() - 1
        || clientId.charAt(clientId.length() - 1) != '|') {
      return Optional.empty();
    }
    var parameters = new HashMap<String, String>();
    for (var parameter : clientId.substring(bar + 1, clientId.length() - 1).split(",", -1)) {
      int equals = parameter.indexOf('=');
      if (equals > 0) {
        parameters.put(parameter.substring(0, equals), parameter.substring(equals + 1));
      }
    }
    return Optional.of(new DeviceLogin(device.get(), clientId.substring(0, bar), parameters));
  }

  /** The device that a user name names; empty if it has not the form above. */
  static Optional<DeviceId> device(String userName) {
    int ampersand = userName.lastIndexOf('&');
    if (ampersand < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(new DeviceId(new ProductKey(userName.substring(ampersand + 1)),
          new DeviceName(userName.substring(0, ampersand))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether the device relies on the platform to subscribe it to what it is to be told. */
  boolean wantsImplicitSubscriptions() {
    return "1".equals(parameters.get("_ss"));
  }

  /** Whether this password was made with the device's secret, by a method that the login allows. */
  boolean isSignedWith(String deviceSecret, byte[] password) {
    var given = new String(password, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT)
        .getBytes(StandardCharsets.ISO_8859_1);
    boolean signed = false;
    for (var algorithm : algorithms()) {
      signed |= MessageDigest.isEqual(given, hmac(algorithm, deviceSecret));
    }
    return signed;
  }

  private List<String> algorithms() {
    return switch (parameters.getOrDefault("signmethod", "hmacmd5").toLowerCase(Locale.ROOT)) {
      case "hmacmd5" -> List.of("HmacMD5");
      case "hmacsha1" -> List.of("HmacSHA1");
      // The vendor's SDK for Node computes SHA-1 even when it is asked for, and announces, SHA-256.
      case "hmacsha256" -> List.of("HmacSHA256", "HmacSHA1");
      default -> List.of();
    };
  }

  private byte[] hmac(String algorithm, String deviceSecret) {
    var content = new ArrayList<String>(List.of("clientId", id, "deviceName", device.deviceName().value(), "productKey",
        device.productKey().value()));
    @Nullable
    String timestamp = parameters.get("timestamp");
    if (timestamp != null) {
      content.add("timestamp");
      content.add(timestamp);
    }
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(deviceSecret.getBytes(StandardCharsets.UTF_8), algorithm));
      return HexFormat.of().formatHex(mac.doFinal(String.join("", content).getBytes(StandardCharsets.UTF_8)))
          .getBytes(StandardCharsets.ISO_8859_1);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(algorithm + ": missing (expected: an algorithm of every Java platform)", e);
    }
  }
}
