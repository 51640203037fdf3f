// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.deadletters;

import dev.otaverify.contracts.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Values as they may be shown to whoever looks at a terminal or its log: without secrets, and without what would steer the terminal.
 * No message of the contract holds a secret, but what was put aside is not of the contract, and the address of a file may have
 * credentials in it.
 */
final class Shown {
  private static final String HIDDEN = "***";
  private static final Pattern SECRET_NAME = Pattern
      .compile("(?i)secret|password|passwd|token|authorization|signature");
  private static final Pattern SECRET_TEXT = Pattern.compile("(?i)secret|password|passwd|authorization");
  private static final Pattern ADDRESS = Pattern
      .compile("(?i)(\\b[a-z][a-z0-9+.-]*://)([^/?#\\s\"@]*@)?([^?\\s\"]*)(\\?[^\\s\"]*)?");
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\\n\\t]]");
  private static final int LONGEST_HEX = 16_384;

  private Shown() {}

  /** On one line. */
  static String line(String text) {
    return text(text).replaceAll("\\s+", " ");
  }

  static String header(String name, String value) {
    return SECRET_NAME.matcher(name).find() ? HIDDEN : line(value);
  }

  /** JSON with its fields one below the other; else text, if it is such; else hex digits. */
  static String value(byte @Nullable [] value) {
    if (value == null) {
      return "none";
    }
    try {
      return CONTROL
          .matcher(Wire.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(hidden(Wire.JSON.readTree(value))))
          .replaceAll("?");
    } catch (JacksonException notJson) {
      return textOrHex(value);
    }
  }

  /** {@code JSON}, {@code text} or {@code hex}. */
  static String form(byte[] value) {
    try {
      return Wire.JSON.readTree(value).isMissingNode() ? "text" : "JSON";
    } catch (JacksonException notJson) {
      return isText(value) ? "text" : "hex";
    }
  }

  private static String textOrHex(byte[] value) {
    // As Latin 1 and without zeros, a word is found in UTF-16 too.
    if (SECRET_TEXT.matcher(new String(value, StandardCharsets.ISO_8859_1).replace("\0", "")).find()) {
      return "not shown: it may hold a secret";
    }
    if (isText(value)) {
      return text(new String(value, StandardCharsets.UTF_8));
    }
    var hex = HexFormat.of();
    return value.length <= LONGEST_HEX
        ? hex.formatHex(value)
        : hex.formatHex(value, 0, LONGEST_HEX) + "… (the first " + LONGEST_HEX + " bytes)";
  }

  private static boolean isText(byte[] value) {
    try {
      return !CONTROL.matcher(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value))).find();
    } catch (CharacterCodingException notText) {
      return false;
    }
  }

  private static String text(String text) {
    var shown = CONTROL.matcher(ADDRESS.matcher(text).replaceAll(Shown::address)).replaceAll("?");
    return SECRET_TEXT.matcher(shown).find() ? "not shown: it may hold a secret" : shown;
  }

  private static String address(MatchResult found) {
    return Matcher.quoteReplacement(found.group(1) + (found.group(2) == null ? "" : HIDDEN + "@") + found.group(3)
        + (found.group(4) == null ? "" : "?" + HIDDEN));
  }

  private static JsonNode hidden(JsonNode node) {
    switch (node) {
      case ObjectNode object -> object.propertyNames().forEach(name -> object.set(name,
          SECRET_NAME.matcher(name).find() ? StringNode.valueOf(HIDDEN) : hidden(object.path(name))));
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, hidden(array.path(i)));
        }
      }
      case StringNode string -> {
        return StringNode.valueOf(ADDRESS.matcher(string.asString()).replaceAll(Shown::address));
      }
      default -> {
      }
    }
    return node;
  }
}
