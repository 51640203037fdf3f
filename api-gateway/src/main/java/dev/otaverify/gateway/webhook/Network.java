// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import io.netty.util.NetUtil;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that have their first bits in common.
 *
 * @param prefix 4 or 16 bytes
 * @param bits how many
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Network(byte[] prefix, int bits) {
  private static final String EXPECTED = "an address and a number of bits, such as 10.0.0.0/8 or fd00::/8";

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Network parse(String text) {
    int slash = text.indexOf('/');
    byte @Nullable [] prefix = slash < 0 ? null : NetUtil.createByteArrayFromIpAddressString(text.substring(0, slash));
    if (prefix == null || !text.substring(slash + 1).matches("[0-9]{1,3}")
        || Integer.parseInt(text.substring(slash + 1)) > prefix.length * 8) {
      throw new IllegalArgumentException("ota.webhooks.denied-networks: " + text + " (expected: " + EXPECTED + ")");
    }
    return new Network(prefix, Integer.parseInt(text.substring(slash + 1)));
  }

  boolean contains(byte[] address) {
    int whole = bits / 8;
    return address.length == prefix.length && Arrays.equals(address, 0, whole, prefix, 0, whole)
        && (bits % 8 == 0 || ((address[whole] ^ prefix[whole]) & 0xff) >> (8 - bits % 8) == 0);
  }
}
