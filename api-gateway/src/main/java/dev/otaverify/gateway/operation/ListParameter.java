// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.RefusedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A parameter with any number of values: {@code Name.1}, {@code Name.2}; or of objects, {@code Name.1.Key},
 * {@code Name.1.Value}. Absent is the empty list. What starts with the name but is not numbered so is refused rather than
 * overlooked: a device left out would be a verification less than was asked for.
 */
final class ListParameter<E> extends Parameter<List<E>> {
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,4}");

  /** Reads one element. */
  @FunctionalInterface
  interface ElementReader<E> {
    /**
     * The element.
     *
     * @param name such as {@code Tag.1}, for the message of a refusal
     * @param parts its values by what follows the number; a plain value has the empty name
     */
    E read(String name, Map<String, String> parts);
  }

  /** How many there may be, and what too few and too many are refused with. */
  record Bounds(int least, int most, ErrorCode tooFew, ErrorCode tooMany) {}

  private final ElementReader<E> reader;
  private final @Nullable String alias;
  private final @Nullable Bounds bounds;
  private final @Nullable ErrorCode repeated;

  private ListParameter(String name, String expected, ErrorCode breach, ElementReader<E> reader,
      @Nullable String alias, @Nullable Bounds bounds, @Nullable ErrorCode repeated) {
    super(name, expected, breach);
    this.reader = reader;
    this.alias = alias;
    this.bounds = bounds;
    this.repeated = repeated;
  }

  /** A list of plain values. */
  static <E> ListParameter<E> of(Single<E> element) {
    return new ListParameter<>(element.name(), element.expected(), element.breach(), (name, parts) -> {
      var value = parts.get("");
      if (value == null || parts.size() != 1) {
        throw RefusedException.unexpected(element.breach(), name, String.valueOf(parts), "a plain value");
      }
      return element.read(name, value);
    }, null, null, null);
  }

  /** A list of objects. */
  static <E> ListParameter<E> ofObjects(String name, String expected, ErrorCode breach, ElementReader<E> reader) {
    return new ListParameter<>(name, expected, breach, reader, null, null, null);
  }

  /** The same, under another name too. */
  ListParameter<E> alsoNamed(String other) {
    return new ListParameter<>(name(), expected(), breach(), reader, other, bounds, repeated);
  }

  /** The same, so many. */
  ListParameter<E> sized(Bounds allowed) {
    return new ListParameter<>(name(), expected(), breach(), reader, alias, allowed, repeated);
  }

  /** The same, and no two alike. */
  ListParameter<E> distinct(ErrorCode refusal) {
    return new ListParameter<>(name(), expected(), breach(), reader, alias, bounds, refusal);
  }

  @Override
  boolean isRequired() {
    return bounds != null && bounds.least() > 0;
  }

  @Override
  String whenAbsent() {
    return "";
  }

  @Override
  List<E> read(Map<String, String> given) {
    var elements = elements(name(), given);
    var prefix = name();
    if (alias != null) {
      var others = elements(alias, given);
      if (!others.isEmpty() && !elements.isEmpty()) {
        throw RefusedException.unexpected(ErrorCode.INVALID_PARAMETER, name(), "given together with " + alias,
            "one of the two spellings");
      }
      if (!others.isEmpty()) {
        elements = others;
        prefix = alias;
      }
    }
    checkSize(elements.size());
    var read = new ArrayList<E>();
    for (var element : elements.entrySet()) {
      var name = prefix + "." + element.getKey();
      E value = reader.read(name, element.getValue());
      if (repeated != null && read.contains(value)) {
        throw RefusedException.unexpected(repeated, name, value.toString(), "no two the same");
      }
      read.add(value);
    }
    return List.copyOf(read);
  }

  private void checkSize(int size) {
    if (bounds == null) {
      return;
    }
    var allowed = bounds.most() == 0
        ? expected()
        : bounds.least() + " to " + bounds.most() + ", as " + name() + ".1, " + name() + ".2, …";
    if (size < bounds.least()) {
      throw RefusedException.unexpected(bounds.tooFew(), name(), size + " given", allowed);
    }
    if (size > bounds.most()) {
      throw RefusedException.unexpected(bounds.tooMany(), name(), size + " given", allowed);
    }
  }

  /** By number, in order. */
  private static Map<Integer, Map<String, String>> elements(String prefix, Map<String, String> given) {
    var elements = new TreeMap<Integer, Map<String, String>>();
    given.forEach((parameter, value) -> {
      if (value.isEmpty() || !parameter.startsWith(prefix)) {
        return;
      }
      var rest = parameter.substring(prefix.length());
      if (!rest.isEmpty() && rest.charAt(0) != '.') {
        // Another parameter that only starts alike.
        return;
      }
      int dot = rest.indexOf('.', 1);
      var number = rest.isEmpty() ? "" : dot < 0 ? rest.substring(1) : rest.substring(1, dot);
      if (!NUMBER.matcher(number).matches()) {
        throw RefusedException.unexpected(ErrorCode.INVALID_PARAMETER, parameter, value,
            "numbered from 1, as " + prefix + ".1");
      }
      elements.computeIfAbsent(Integer.valueOf(number), n -> new HashMap<>())
          .put(dot < 0 ? "" : rest.substring(dot + 1), value);
    });
    return elements;
  }
}
