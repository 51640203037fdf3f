// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormTest {
  private static final List<String> VALUES = List.of("", "a", "a1", "a1b", "a1bc", "a1bcd", "a1-.", "a1]", "b1bc",
      "A1bc",
      "a1b\n", "a1\u00e4b", "a1\u0130b", "0000", "00001", "-");

  @ParameterizedTest
  @ValueSource(strings = {"a1[a-z]{2}", "[a-z0-9]{2,4}", "[A-Za-z0-9\\-_.]{1,3}", "a1[.\\-]{1,2}", "[0-9]{4}1", "a",
      ""})
  void itMatchesWhatTheRegularExpressionMatches(String regex) {
    var form = Form.of(regex);

    assertThat(form).hasToString(regex);
    assertThat(VALUES).allSatisfy(
        value -> assertThat(form.matches(value)).as(value).isEqualTo(Pattern.matches(regex, value)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a*", "[a-z]{1,2}b", "(a)", "a|b", ".", "[a", "\\d"})
  void anythingElseIsRefused(String regex) {
    assertThatThrownBy(() -> Form.of(regex)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("form: " + regex + " (expected: characters, sets, numbers of times)");
  }
}
