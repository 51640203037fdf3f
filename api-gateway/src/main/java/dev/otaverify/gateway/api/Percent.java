// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.io.ByteArrayOutputStream;
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

  private Percent() {}

  /** RFC 3986: everything but letters, digits and {@code - _ . ~} as upper-case hex of its UTF-8 bytes. */
  public static String encode(String text) {
    var encoded = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (isUnreserved(b)) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(UPPER.toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  /** The parameters as signatures need them: encoded, in the order of the bytes of their names. */
  public static String canonical(Map<String, String> parameters) {
    // Encoded names stand in another order than the names: an escape begins with %, before any letter.
    return parameters.entrySet().stream().sorted((one, other) -> Arrays.compareUnsigned(
        one.getKey().getBytes(StandardCharsets.UTF_8), other.getKey().getBytes(StandardCharsets.UTF_8)))
        .map(parameter -> encode(parameter.getKey()) + "=" + encode(parameter.getValue()))
        .collect(Collectors.joining("&"));
  }

  /**
   * Reads a name or value of a form or query: {@code +} and {@code %20} are both a space.
   *
   * @throws IllegalArgumentException if an escape is broken or the bytes are not UTF-8
   */
  public static String decode(String text) {
    var bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '+') {
        bytes.write(' ');
      } else if (c != '%') {
        int end = Character.isHighSurrogate(c) && i + 1 < text.length() ? i + 2 : i + 1;
        bytes.writeBytes(text.substring(i, end).getBytes(StandardCharsets.UTF_8));
        i = end - 1;
      } else if (i + 2 < text.length()) {
        bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else {
        throw new IllegalArgumentException("escape: " + text.substring(i) + " (expected: % and two hex digits)");
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("bytes: not UTF-8 (expected: UTF-8)", e);
    }
  }

  private static boolean isUnreserved(byte b) {
    return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-' || b == '_'
        || b == '.' || b == '~';
  }
}
