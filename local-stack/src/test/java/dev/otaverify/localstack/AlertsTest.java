// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static dev.otaverify.localstack.Observability.PROMETHEUS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The alerts as Prometheus' own tool sees them, and that nobody who is woken is left without a page to read. */
class AlertsTest {

  @ParameterizedTest
  @ValueSource(strings = {"check config prometheus.yml", "check rules alerts.yml", "test rules alerts_test.yml"})
  void promtoolFindsNothingWrong(String arguments) throws Exception {
    var promtool = Observability.installed("promtool");
    assumeTrue(promtool.isPresent());

    var result = Observability.run(PROMETHEUS, promtool.orElseThrow(), arguments.split(" "));

    assertThat(result.status()).as(result.output()).isZero();
  }

  @Test
  void eachAlertSaysHowBadItIsWhatIsWrongAndWhereToRead() {
    assertThat(Observability.alerts()).isNotEmpty().allSatisfy(alert -> {
      assertThat(alert.labels().get("severity")).isIn("critical", "warning", "info");
      assertThat(alert.annotations()).containsOnlyKeys("summary", "description", "runbook_url");
      assertThat(alert.annotations().get("runbook_url"))
          .isEqualTo("docs/RUNBOOKS.md#" + alert.name().toLowerCase(Locale.ROOT));
    });
  }

  @Test
  void eachAlertHasItsRunbookAndNoRunbookIsLeftOver() {
    var headings = Observability.read(Observability.ROOT.resolve("docs/RUNBOOKS.md")).lines()
        .filter(line -> line.startsWith("### ")).map(line -> line.substring(4)).toList();

    assertThat(headings).containsExactlyInAnyOrderElementsOf(names());
  }

  @Test
  void eachAlertIsSeenToFireAndNotToFire() {
    var firing = new TreeSet<String>();
    var quiet = new TreeSet<String>();
    Observability.yaml(PROMETHEUS.resolve("alerts_test.yml")).path("tests").valueStream()
        .flatMap(test -> test.path("alert_rule_test").valueStream())
        .forEach(
            check -> (check.path("exp_alerts").isEmpty() ? quiet : firing).add(check.path("alertname").asString()));

    assertThat(firing).containsExactlyElementsOf(names());
    assertThat(quiet).containsExactlyElementsOf(names());
  }

  private static Set<String> names() {
    return Observability.alerts().stream().map(Observability.Alert::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
