// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Collectors;

/** The two percent-encodings of the wire: RFC 3986 for what is signed, HTML forms for what is sent. */
public final class Percent {
  private static final HexFormat UPPER = HexFormat.of().withUpperCase();

  private static final boolean[] UNRESERVED = new boolean[Byte.MAX_VALUE + 1];

  static {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~".chars()
        .forEach(character -> UNRESERVED[character] = true);
  }

  private Percent() {}

  /** RFC 3986: everything but letters, digits and {@code - _ . ~} as upper-case hex of its UTF-8 bytes. */
  public static String encode(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    int escapes = 0;
    for (byte b : bytes) {
      escapes += isUnreserved(b) ? 0 : 1;
    }
    if (escapes == 0) {
      return text;
    }
    var encoded = ByteBuffer.allocate(bytes.length + 2 * escapes);
    for (byte b : bytes) {
      if (isUnreserved(b)) {
        encoded.put(b);
      } else {
        encoded.put((byte) '%').put((byte) UPPER.toHighHexDigit(b)).put((byte) UPPER.toLowHexDigit(b));
      }
    }
    return new String(encoded.array(), StandardCharsets.US_ASCII);
  }

  /** The parameters as signatures need them: encoded, in the order of the bytes of their names. */
  public static String canonical(Map<String, String> parameters) {
    // Encoded names stand in another order than the names: an escape begins with %, before any letter.
    return parameters.entrySet().stream()
        .map(parameter -> Map.entry(parameter.getKey().getBytes(StandardCharsets.UTF_8),
            encode(parameter.getKey()) + "=" + encode(parameter.getValue())))
        .sorted((one, other) -> Arrays.compareUnsigned(one.getKey(), other.getKey())).map(Map.Entry::getValue)
        .collect(Collectors.joining("&"));
  }

  /**
   * Reads a name or value of a form or query: {@code +} and {@code %20} are both a space.
   *
   * @throws IllegalArgumentException if an escape is broken or the bytes are not UTF-8
   */
  public static String decode(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    // The bytes of what is not ASCII are neither sign.
    var encoded = text.getBytes(StandardCharsets.UTF_8);
    var decoded = ByteBuffer.allocate(encoded.length);
    for (int i = 0; i < encoded.length; i++) {
      switch (encoded[i]) {
        case '+' -> decoded.put((byte) ' ');
        case '%' -> {
          var escape = new String(encoded, i, Math.min(3, encoded.length - i), StandardCharsets.UTF_8);
          if (escape.length() < 3) {
            throw new IllegalArgumentException("escape: " + escape + " (expected: % and two hex digits)");
          }
          decoded.put((byte) HexFormat.fromHexDigits(escape, 1, 3));
          i += 2;
        }
        default -> decoded.put(encoded[i]);
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("bytes: not UTF-8 (expected: UTF-8)", e);
    }
  }

  private static boolean isUnreserved(byte b) {
    return b >= 0 && UNRESERVED[b];
  }
}
