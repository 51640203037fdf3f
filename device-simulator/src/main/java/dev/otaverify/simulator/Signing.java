// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import dev.otaverify.contracts.DeviceId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The method by which a device proves that it knows its secret. */
public enum Signing {
  /** As the vendor's Link SDK for C. */
  HMAC_SHA256("hmacsha256", "HmacSHA256"),
  /** As its SDK for Node. */
  HMAC_SHA1("hmacsha1", "HmacSHA1"),
  /** As older devices. */
  HMAC_MD5("hmacmd5", "HmacMD5");

  /** A constant, as the vendor's C SDKs send it. */
  private static final String TIMESTAMP = "2524608000000";

  private final String method;
  private final String algorithm;

  Signing(String method, String algorithm) {
    this.method = method;
    this.algorithm = algorithm;
  }

  /**
   * Reads what a device writes as {@code signmethod}, such as {@code hmacsha256}.
   *
   * @throws IllegalArgumentException if there is no such method
   */
  public static Signing of(String method) {
    return Stream.of(values()).filter(one -> one.method.equals(method)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "method: " + method + " (expected: one of " + Stream.of(values()).map(one -> one.method).toList() + ")"));
  }

  /**
   * The MQTT client id.
   *
   * @param id what the device calls itself
   * @param implicitSubscriptions whether the broker shall subscribe for it
   */
  public String clientId(String id, boolean implicitSubscriptions) {
    return id + "|timestamp=" + TIMESTAMP + (implicitSubscriptions ? ",_ss=1" : "")
        + ",_v=otaverify-simulator,securemode=3,signmethod=" + method + "|";
  }

  /** The MQTT user name. */
  public static String userName(DeviceId device) {
    return device.deviceName() + "&" + device.productKey();
  }

  /** The MQTT password, in lower-case hex digits. */
  public String password(String id, DeviceId device, String deviceSecret) {
    var content = "clientId" + id + "deviceName" + device.deviceName() + "productKey" + device.productKey()
        + "timestamp" + TIMESTAMP;
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(deviceSecret.getBytes(StandardCharsets.UTF_8), algorithm));
      return HexFormat.of().formatHex(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(algorithm + ": missing (expected: an algorithm of every Java platform)", e);
    }
  }
}
