// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A parameter of an operation: its name on the wire, what it must look like, and what a breach is refused with. A value
 * that is empty counts as absent, since some clients send what they do not set as empty.
 *
 * @param <T> what it is read as
 */
public abstract sealed class Parameter<T> permits Parameter.Single, ListParameter {
  private static final Pattern SECRET = Pattern.compile("[\\x21-\\x7e]{1,64}");

  private final String name;
  private final String expected;
  private final ErrorCode breach;

  Parameter(String name, String expected, ErrorCode breach) {
    this.name = name;
    this.expected = expected;
    this.breach = breach;
  }

  /** Its name on the wire, of a list without the number. */
  public final String name() {
    return name;
  }

  /** What a value must look like, for people. */
  public final String expected() {
    return expected;
  }

  /** What a value that is not {@link #expected} is refused with. */
  final ErrorCode breach() {
    return breach;
  }

  /** Whether it must be there. */
  abstract boolean isRequired();

  /** Its value when it is absent, as text; empty if it has none. */
  abstract String whenAbsent();

  /**
   * Reads it from all parameters of a request; null if it is absent and may be.
   *
   * @throws RefusedException if it is not as expected
   * @throws GatewayException if it is absent and must not be
   */
  abstract @Nullable T read(Map<String, String> given);

  /** A parameter with one value. */
  static final class Single<T> extends Parameter<T> {
    private final Function<String, T> reader;
    private final boolean required;
    private final @Nullable T absent;

    private Single(String name, String expected, ErrorCode breach, Function<String, T> reader, boolean required,
        @Nullable T absent) {
      super(name, expected, breach);
      this.reader = reader;
      this.required = required;
      this.absent = absent;
    }

    /** The same, and it must be there. */
    Single<T> required() {
      return new Single<>(name(), expected(), breach(), reader, true, null);
    }

    /** The same, and this when it is not there. */
    Single<T> orElse(T value) {
      return new Single<>(name(), expected(), breach(), reader, false, value);
    }

    /** The same, but refused with this code. */
    Single<T> refusedWith(ErrorCode code) {
      return new Single<>(name(), expected(), code, reader, required, absent);
    }

    @Override
    boolean isRequired() {
      return required;
    }

    @Override
    String whenAbsent() {
      return absent == null ? "" : absent.toString();
    }

    @Override
    @Nullable
    T read(Map<String, String> given) {
      @Nullable
      String text = given.get(name());
      if (text == null || text.isEmpty()) {
        if (required) {
          throw GatewayException.missing(name());
        }
        return absent;
      }
      return read(name(), text);
    }

    /** Reads one value, which the request gave this name. */
    T read(String given, String text) {
      try {
        return reader.apply(text);
      } catch (IllegalArgumentException e) {
        throw RefusedException.unexpected(breach(), given, text, expected());
      }
    }
  }

  /** A value that a reader accepts or answers with an {@link IllegalArgumentException}. */
  static <T> Single<T> of(String name, String expected, Function<String, T> reader) {
    return new Single<>(name, expected, ErrorCode.INVALID_PARAMETER, reader, false, null);
  }

  /** Text of so many characters. */
  static Single<String> text(String name, int least, int most) {
    return of(name, least + " to " + most + " characters", text -> {
      require(text.length() >= least && text.length() <= most);
      return text;
    });
  }

  /** A secret: 1 to 64 visible ASCII characters, never shown in a refusal. */
  static Single<String> secret(String name) {
    return of(name, "1 to 64 visible ASCII characters", text -> {
      if (!SECRET.matcher(text).matches()) {
        throw RefusedException.unexpected(ErrorCode.INVALID_PARAMETER, name, "(not shown)",
            "1 to 64 visible ASCII characters");
      }
      return text;
    });
  }

  /** Text of a form. */
  static Single<String> text(String name, String expected, Pattern form) {
    return of(name, expected, text -> {
      require(form.matcher(text).matches());
      return text;
    });
  }

  /** A whole number within bounds. */
  static Single<Integer> number(String name, int least, int most) {
    return of(name, "a whole number from " + least + " to " + most, text -> {
      int number = Integer.parseInt(text);
      require(number >= least && number <= most);
      return number;
    });
  }

  /** True or false. */
  static Single<Boolean> flag(String name) {
    return of(name, "true or false", text -> switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    });
  }

  /** One of the names of an enum. */
  static <E extends Enum<E>> Single<E> oneOf(String name, Class<E> type) {
    var names = Stream.of(type.getEnumConstants()).map(Enum::name).collect(Collectors.joining(", "));
    return of(name, "one of " + names, text -> Enum.valueOf(type, text));
  }

  static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException();
    }
  }
}
