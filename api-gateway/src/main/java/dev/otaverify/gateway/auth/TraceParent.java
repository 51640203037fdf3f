// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The W3C trace context: the trace a request says it is part of, else a new one. */
final class TraceParent {
  private static final Pattern FORM = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private TraceParent() {}

  static String of(@Nullable String given) {
    if (given != null && FORM.matcher(given).matches()) {
      return given;
    }
    var random = ThreadLocalRandom.current();
    var hex = HexFormat.of();
    // The lowest bit set: an id of zeros would mean none.
    return "00-" + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1) + "-"
        + hex.toHexDigits(random.nextLong() | 1) + "-01";
  }
}
