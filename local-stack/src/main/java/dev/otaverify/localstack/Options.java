// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What stands behind a command: {@code --name value}, {@code --flag} and words.
 *
 * @param named values by the names of the options; that of a flag is {@code true}
 * @param words all else, in its order
 */
public record Options(Map<String, String> named, List<String> words) {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  /**
   * Reads arguments.
   *
   * @param flags the options without a value
   * @param valued the options with one
   * @throws IllegalArgumentException for an option that the command does not have
   */
  public static Options of(List<String> arguments, Set<String> flags, Set<String> valued) {
    var named = new HashMap<String, String>();
    var words = new ArrayList<String>();
    for (int i = 0; i < arguments.size(); i++) {
      var argument = arguments.get(i);
      if (!argument.startsWith("--")) {
        words.add(argument);
      } else if (flags.contains(argument.substring(2))) {
        named.put(argument.substring(2), "true");
      } else if (valued.contains(argument.substring(2)) && i + 1 < arguments.size()) {
        named.put(argument.substring(2), arguments.get(++i));
      } else {
        throw new IllegalArgumentException(argument + ": unknown, or without its value (expected: "
            + names(flags, "") + names(valued, " VALUE") + ")");
      }
    }
    return new Options(named, words);
  }

  /** Whether the option is there. */
  public boolean has(String name) {
    return named.containsKey(name);
  }

  /** The value of an option. */
  public String get(String name, String otherwise) {
    return named.getOrDefault(name, otherwise);
  }

  /**
   * The value of an option that is a whole number.
   *
   * @throws IllegalArgumentException if it is none
   */
  public int number(String name, int otherwise) {
    var text = named.get(name);
    try {
      return text == null ? otherwise : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--" + name + ": " + text + " (expected: a number)", e);
    }
  }

  /**
   * The value of an option that is a time such as {@code 30s}, {@code 1m}, {@code 2h} or {@code 100ms}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public Duration duration(String name, String otherwise) {
    var text = get(name, otherwise);
    var parsed = DURATION.matcher(text);
    if (!parsed.matches()) {
      throw new IllegalArgumentException("--" + name + ": " + text + " (expected: such as 30s or 1m)");
    }
    long number = Long.parseLong(parsed.group(1));
    return switch (parsed.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }

  private static String names(Collection<String> options, String suffix) {
    var text = new StringBuilder();
    new TreeSet<>(options).forEach(option -> text.append("--").append(option).append(suffix).append(' '));
    return text.toString();
  }
}
