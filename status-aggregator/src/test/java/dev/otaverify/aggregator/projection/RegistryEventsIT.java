// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.aggregator.Scenario;
import dev.otaverify.aggregator.TestRows;
import dev.otaverify.contracts.Message;
import dev.otaverify.contracts.RegistryEvent;
import dev.otaverify.contracts.Topics;
import dev.otaverify.kit.unit.Incoming;
import dev.otaverify.kit.unit.Output;
import dev.otaverify.kit.unit.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistryEventsIT {
  private static final TestRows ROWS = new TestRows();

  private final RegistryEvents handler = new RegistryEvents(new Commits());

  @Test
  void productsAndDevicesAreKnownWithVersionAndPresence() {
    var scenario = new Scenario("registry");
    var batch = List.of(scenario.productCreated(), scenario.registered(0), scenario.presenceChanged(0, true),
        scenario.versionChanged(0, "1.0.0"), scenario.versionChanged(0, "2.0.0"));

    assertThat(given(batch).records()).isEmpty();
    given(batch);

    assertThat(product(scenario)).isEqualTo(new ProductRow(scenario.product, Scenario.ACCOUNT, "product of registry", 0,
        1, null, Scenario.START.plusSeconds(1), null, null, 2));
    assertThat(device(scenario)).isEqualTo(new DeviceRow(scenario.product + "/device-0", scenario.product,
        scenario.device(0), scenario.iotId(0), Scenario.ACCOUNT, null, Scenario.START.plusSeconds(2),
        Map.of("default", "2.0.0"), true, "192.0.2.7", true, Scenario.START.plusSeconds(3),
        Scenario.START.plusSeconds(3), Scenario.START.plusSeconds(3), scenario.lastAt(), 3));
  }

  /** A device is let in before job-service's events about it are in the topic, if that is just then restarted. */
  @Test
  void whatADeviceSaysMayOvertakeItsRegistration() {
    var scenario = new Scenario("overtaken");
    given(List.of(scenario.presenceChanged(0, true), scenario.versionChanged(0, "1.0.0")));
    assertThat(device(scenario).iotId()).isNull();

    given(List.of(scenario.productCreated(), scenario.registered(0)));

    assertThat(device(scenario).iotId()).isEqualTo(scenario.iotId(0));
    assertThat(device(scenario).online()).isTrue();
    assertThat(device(scenario).versions()).containsExactly(Map.entry("default", "1.0.0"));
  }

  @Test
  void aGapInAWritersNumbersStopsAndSaysWhatIsMissing() {
    var scenario = new Scenario("gap");
    scenario.presenceChanged(0, true);
    var second = scenario.presenceChanged(0, false);

    assertThatThrownBy(() -> given(List.of(second))).isInstanceOf(IllegalStateException.class).hasMessage(
        "number: 2 from /otaverify/device-dispatcher about " + scenario.product + "/device-0 (expected: 1)");
  }

  private Output given(List<Message<RegistryEvent>> messages) {
    var batch = new ArrayList<Incoming<RegistryEvent>>();
    messages.forEach(message -> batch.add(
        new Incoming<>(message, message.data().productKey().value(), Topics.REGISTRY_EVENTS, 0, 0, Map.of())));
    return ROWS.inTransaction(sql -> handler.handle(new Transaction(sql, Scenario.START), batch));
  }

  private static ProductRow product(Scenario scenario) {
    return ROWS.inTransaction(sql -> sql.rows(ProductRow.class,
        "select to_jsonb(p) from product p where product_key = ?", scenario.product.value())).getFirst();
  }

  private static DeviceRow device(Scenario scenario) {
    return ROWS.inTransaction(sql -> sql.rows(DeviceRow.class,
        "select to_jsonb(d) from device d where product_key = ?", scenario.product.value())).getFirst();
  }
}
