// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command.CreateProduct;
import dev.otaverify.contracts.Command.RegisterDevice;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.RegistryEvent.DeviceRegistered;
import dev.otaverify.contracts.RegistryEvent.ProductCreated;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistryTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:38:59.123456Z");
  private static final CommandId COMMAND = CommandId.of("test", "nonce");
  private static final AccountId MINE = new AccountId("mine");
  private static final ProductKey KEY = ProductKey.of(COMMAND);
  private static final Product UNKNOWN = new Product.Unknown(KEY);
  private static final Product KNOWN = new Product.Known(KEY, MINE, "thermostat");
  private static final CreateProduct CREATE = new CreateProduct(MINE, KEY, "thermostat", 0, 1, "on the wall");
  private static final ProductCreated CREATED = new ProductCreated(KEY, MINE, "thermostat", 0, 1, "on the wall", NOW);

  private static final DeviceId DEVICE = new DeviceId(KEY, new DeviceName("device-1"));
  private static final IotId IOT_ID = IotId.of(KEY, COMMAND);
  private static final Device UNREGISTERED = new Device.Unregistered(DEVICE);
  private static final Device REGISTERED = new Device.Registered(DEVICE, IOT_ID);
  private static final RegisterDevice REGISTER = new RegisterDevice(MINE, KEY, DEVICE.deviceName(), IOT_ID, "hall");
  private static final DeviceRegistered WAS_REGISTERED = new DeviceRegistered(KEY, DEVICE.deviceName(), IOT_ID, MINE,
      "hall", NOW);

  @Test
  void aProductIsCreated() {
    assertThat(Product.decide(UNKNOWN, CREATE, false, NOW)).isEqualTo(Decision.accept(CREATED));
    assertThat(Product.evolve(UNKNOWN, CREATED)).isEqualTo(KNOWN);
  }

  @Test
  void aProductIsNotCreatedUnderATakenName() {
    assertThat(Product.decide(UNKNOWN, CREATE, true, NOW)).isEqualTo(new Decision.Refused<>(
        ErrorCode.PRODUCT_NAME_TAKEN,
        "ProductName: thermostat (expected: a name that no product of this account has)"));
  }

  @Test
  void aProductIsNotCreatedTwice() {
    for (var nameTaken : List.of(true, false)) {
      assertThat(Product.decide(KNOWN, CREATE, nameTaken, NOW)).isEqualTo(new Decision.Refused<>(ErrorCode.NONCE_USED,
          "ProductKey: " + KEY + " (expected: a new key; it is made of the access key and SignatureNonce,"
              + " so that nonce was used before)"));
    }
    assertThatThrownBy(() -> Product.evolve(KNOWN, CREATED))
        .hasMessage("product: " + KEY + " (expected: not yet created)");
  }

  @Test
  void aProductIsOfItsAccountOnly() {
    assertThat(KNOWN.isOf(MINE)).isTrue();
    assertThat(KNOWN.isOf(new AccountId("others"))).isFalse();
    assertThat(UNKNOWN.isOf(MINE)).isFalse();
  }

  @Test
  void aDeviceIsRegistered() {
    assertThat(Device.decide(UNREGISTERED, REGISTER, KNOWN, NOW)).isEqualTo(Decision.accept(WAS_REGISTERED));
    assertThat(Device.evolve(UNREGISTERED, WAS_REGISTERED)).isEqualTo(REGISTERED);
  }

  @Test
  void aDeviceIsNotRegisteredUnderATakenName() {
    assertThat(Device.decide(REGISTERED, REGISTER, KNOWN, NOW)).isEqualTo(new Decision.Refused<>(
        ErrorCode.DEVICE_NAME_TAKEN,
        "DeviceName: device-1 (expected: a name that no device of product " + KEY + " has)"));
    assertThatThrownBy(() -> Device.evolve(REGISTERED, WAS_REGISTERED))
        .hasMessage("device: " + DEVICE + " (expected: not yet registered)");
  }

  @Test
  void aDeviceIsNotRegisteredInAProductThatIsUnknownOrAnotherAccounts() {
    for (var product : List.of(UNKNOWN, new Product.Known(KEY, new AccountId("others"), "thermostat"))) {
      for (var device : List.of(UNREGISTERED, REGISTERED)) {
        assertThat(Device.decide(device, REGISTER, product, NOW)).isEqualTo(new Decision.Refused<>(
            ErrorCode.PRODUCT_NOT_FOUND, "ProductKey: " + KEY + " (expected: a product of this account)"));
      }
    }
  }
}
