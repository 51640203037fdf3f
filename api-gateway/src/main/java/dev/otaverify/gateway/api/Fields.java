// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The named values of an answer in their order: text, numbers, booleans, further fields, and lists of these. */
public final class Fields {
  private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
      .withZone(ZoneOffset.UTC);

  private final Map<String, Object> values = new LinkedHashMap<>();

  /** Adds a value; null is left out, as clients read what is missing as null. */
  public Fields with(String name, @Nullable Object value) {
    switch (value) {
      case null -> {
        // Left out.
      }
      case Fields fields -> values.put(name, fields.values);
      case List<?> list -> values.put(name, list.stream().map(Fields::plain).toList());
      case String text -> values.put(name, text);
      case Number number -> values.put(name, number);
      case Boolean flag -> values.put(name, flag);
      case Instant at -> values.put(name, UTC.format(at));
      default -> values.put(name, value.toString());
    }
    return this;
  }

  /** Adds a list the way the vendor's clients read it: as the only field, named for its type, of an object. */
  public Fields withWrapped(String name, String type, List<?> items) {
    return with(name, new Fields().with(type, items));
  }

  Map<String, Object> values() {
    return values;
  }

  private static Object plain(Object item) {
    return item instanceof Fields fields ? fields.values : item;
  }
}
