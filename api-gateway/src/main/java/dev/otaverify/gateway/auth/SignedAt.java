// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.gateway.api.GatewayException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Locale;

/** The time of signing, as every scheme writes it. */
final class SignedAt {
  private static final DateTimeFormatter FORM = DateTimeFormatter
      .ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

  private SignedAt() {}

  static Instant read(String name, String text) {
    try {
      return LocalDateTime.parse(text, FORM).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw GatewayException.badRequest("InvalidTimeStamp.Format",
          name + ": " + text + " (expected: UTC as yyyy-MM-ddTHH:mm:ssZ)");
    }
  }
}
