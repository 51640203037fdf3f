// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What stands behind a command: {@code --name value}, {@code --flag} and words. */
record Options(Map<String, String> named, List<String> words) {

  /**
   * Reads arguments.
   *
   * @param flags the options without a value
   * @param valued the options with one
   * @throws IllegalArgumentException for an option that the command does not have
   */
  static Options of(List<String> arguments, Set<String> flags, Set<String> valued) {
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

  boolean has(String name) {
    return named.containsKey(name);
  }

  String get(String name, String otherwise) {
    return named.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    var text = named.get(name);
    try {
      return text == null ? otherwise : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--" + name + ": " + text + " (expected: a number)", e);
    }
  }

  private static String names(Collection<String> options, String suffix) {
    var text = new StringBuilder();
    new TreeSet<>(options).forEach(option -> text.append("--").append(option).append(suffix).append(' '));
    return text.toString();
  }
}
