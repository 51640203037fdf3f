// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.gateway.api.ApiException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of one call as an operation reads them: each is as its declaration says. */
public final class Arguments {
  private final Map<Parameter<?>, @Nullable Object> values;

  private Arguments(Map<Parameter<?>, @Nullable Object> values) {
    this.values = values;
  }

  /**
   * Reads what is declared.
   *
   * @throws ApiException for the first, in the order of declaration, that is not as it must be
   */
  public static Arguments of(List<Parameter<?>> declared, Map<String, String> given) {
    var values = new HashMap<Parameter<?>, @Nullable Object>();
    declared.forEach(parameter -> values.put(parameter, parameter.read(given)));
    return new Arguments(values);
  }

  /** The value of a parameter that is required, or has a value when absent. */
  <T> T get(Parameter<T> parameter) {
    @Nullable
    T value = find(parameter);
    if (value == null) {
      throw new IllegalStateException(parameter.name() + ": null (expected: a parameter that always has a value)");
    }
    return value;
  }

  /** The value of a parameter, or null if it is absent. */
  @SuppressWarnings("unchecked") // A parameter's value was read by that parameter.
  <T> @Nullable T find(Parameter<T> parameter) {
    if (!values.containsKey(parameter)) {
      throw new IllegalStateException(parameter.name() + ": not declared (expected: one of parameters())");
    }
    return (T) values.get(parameter);
  }
}
