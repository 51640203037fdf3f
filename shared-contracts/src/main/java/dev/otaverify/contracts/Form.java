// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The form of an id: which characters may stand where. It is given as a regular expression of characters and sets of them, each perhaps
 * with a number of times, the last one with a range of that; and matched without. Every message has a dozen ids: regular expressions took a
 * tenth of what the services did.
 */
final class Form {
  private static final Pattern PIECE = Pattern.compile("([0-9A-Za-z]|\\[[^]]+])(?:\\{(\\d+)(?:,(\\d+))?})?");
  private static final int ASCII = 128;

  private final String regex;
  private final List<BitSet> places;
  private final int least;

  private Form(String regex, List<BitSet> places, int least) {
    this.regex = regex;
    this.places = places;
    this.least = least;
  }

  /** @throws IllegalArgumentException if it is not of that kind */
  static Form of(String regex) {
    var places = new ArrayList<BitSet>();
    var piece = PIECE.matcher(regex);
    int least = 0;
    int end = 0;
    while (end < regex.length()) {
      if (!piece.find() || piece.start() != end || least < places.size()) {
        throw new IllegalArgumentException("form: " + regex + " (expected: characters, sets, numbers of times)");
      }
      var times = piece.group(2);
      var most = piece.group(3);
      int fewest = times == null ? 1 : Integer.parseInt(times);
      var one = Pattern.compile(piece.group(1)).asMatchPredicate();
      var characters = new BitSet(ASCII);
      for (int c = 0; c < ASCII; c++) {
        characters.set(c, one.test(Character.toString(c)));
      }
      least += fewest;
      for (int i = most == null ? fewest : Integer.parseInt(most); i > 0; i--) {
        places.add(characters);
      }
      end = piece.end();
    }
    return new Form(regex, places, least);
  }

  boolean matches(String value) {
    int length = value.length();
    if (length < least || length > places.size()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (!places.get(i).get(value.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The regular expression. */
  @Override
  public String toString() {
    return regex;
  }
}
