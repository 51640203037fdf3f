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
import dev.otaverify.contracts.Command.UpdateProduct;
import dev.otaverify.contracts.Command.DeleteProduct;
import dev.otaverify.contracts.Command.ImportProduct;
import dev.otaverify.contracts.Command.ImportDevice;
import dev.otaverify.contracts.Command.SetDeviceEnabled;
import dev.otaverify.contracts.Command.DeleteDevice;
import dev.otaverify.contracts.Command.CreateModule;
import dev.otaverify.contracts.Command.UpdateModule;
import dev.otaverify.contracts.Command.DeleteModule;
import dev.otaverify.contracts.RegistryEvent.ProductUpdated;
import dev.otaverify.contracts.RegistryEvent.ProductDeleted;
import dev.otaverify.contracts.RegistryEvent.DeviceDisabled;
import dev.otaverify.contracts.RegistryEvent.DeviceEnabled;
import dev.otaverify.contracts.RegistryEvent.DeviceDeleted;
import dev.otaverify.contracts.RegistryEvent.ModuleCreated;
import dev.otaverify.contracts.RegistryEvent.ModuleUpdated;
import dev.otaverify.contracts.RegistryEvent.ModuleDeleted;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistryTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:38:59.123456Z");
  private static final CommandId COMMAND = CommandId.of("test", "nonce");
  private static final AccountId MINE = new AccountId("mine");
  private static final AccountId OTHERS = new AccountId("others");
  private static final ProductKey KEY = ProductKey.of(COMMAND);
  private static final Product UNKNOWN = new Product.Unknown(KEY);
  private static final Product KNOWN = new Product.Known(KEY, MINE, "thermostat", "on the wall");
  private static final CreateProduct CREATE = new CreateProduct(MINE, KEY, "thermostat", 0, 1, "on the wall");
  private static final ProductCreated CREATED = new ProductCreated(KEY, MINE, "thermostat", 0, 1, "on the wall", NOW);

  private static final DeviceId DEVICE = new DeviceId(KEY, new DeviceName("device-1"));
  private static final IotId IOT_ID = IotId.of(KEY, COMMAND);
  private static final Device UNREGISTERED = new Device.Unregistered(DEVICE);
  private static final Device REGISTERED = new Device.Registered(DEVICE, IOT_ID, true);
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
        .hasMessage("product: " + KEY + " (expected: one that ProductCreated can happen to)");
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
        .hasMessage("device: " + DEVICE + " (expected: one that DeviceRegistered can happen to)");
  }

  @Test
  void aDeviceIsNotRegisteredInAProductThatIsUnknownOrAnotherAccounts() {
    for (var product : List.of(UNKNOWN, new Product.Known(KEY, new AccountId("others"), "thermostat", null))) {
      for (var device : List.of(UNREGISTERED, REGISTERED)) {
        assertThat(Device.decide(device, REGISTER, product, NOW)).isEqualTo(new Decision.Refused<>(
            ErrorCode.PRODUCT_NOT_FOUND, "ProductKey: " + KEY + " (expected: a product of this account)"));
      }
    }
  }

  @Test
  void aProductIsRenamedAndDescribedAnew() {
    var renamed = new ProductUpdated(KEY, "lamp", "on the wall", NOW);
    assertThat(Product.decide(KNOWN, new UpdateProduct(MINE, KEY, "lamp", null), false, NOW))
        .isEqualTo(Decision.accept(renamed));
    assertThat(Product.evolve(KNOWN, renamed)).isEqualTo(new Product.Known(KEY, MINE, "lamp", "on the wall"));
    // Its own name is taken by itself.
    assertThat(Product.decide(KNOWN, new UpdateProduct(MINE, KEY, "thermostat", "new"), true, NOW))
        .isEqualTo(Decision.accept(new ProductUpdated(KEY, "thermostat", "new", NOW)));
    assertThat(Product.decide(KNOWN, new UpdateProduct(MINE, KEY, "thermostat", "on the wall"), true, NOW))
        .isEqualTo(Decision.nothing());
    assertThat(code(Product.decide(KNOWN, new UpdateProduct(MINE, KEY, "lamp", null), true, NOW)))
        .isEqualTo(ErrorCode.PRODUCT_NAME_TAKEN);
    assertThat(code(Product.decide(KNOWN, new UpdateProduct(OTHERS, KEY, "lamp", null), false, NOW)))
        .isEqualTo(ErrorCode.PRODUCT_NOT_FOUND);
  }

  @Test
  void aProductIsDeletedWhenItIsEmpty() {
    var deleted = new ProductDeleted(KEY, NOW);
    assertThat(Product.decide(KNOWN, new DeleteProduct(MINE, KEY), 0, NOW)).isEqualTo(Decision.accept(deleted));
    assertThat(Product.evolve(KNOWN, deleted)).isEqualTo(UNKNOWN);
    assertThat(code(Product.decide(KNOWN, new DeleteProduct(MINE, KEY), 1, NOW)))
        .isEqualTo(ErrorCode.PRODUCT_NOT_EMPTY);
    assertThat(code(Product.decide(KNOWN, new DeleteProduct(OTHERS, KEY), 0, NOW)))
        .isEqualTo(ErrorCode.PRODUCT_NOT_FOUND);
  }

  @Test
  void aProductMovesInOnceHoweverOftenItIsBrought() {
    var bring = new ImportProduct(MINE, KEY, "thermostat", 0, 1, "on the wall");
    assertThat(Product.decide(UNKNOWN, bring, BroughtSecret.ANOTHER, false, NOW)).isEqualTo(Decision.accept(CREATED));
    assertThat(Product.decide(KNOWN, bring, BroughtSecret.THAT_OF_THE_KNOWN, true, NOW)).isEqualTo(Decision.nothing());
    assertThat(code(Product.decide(KNOWN, bring, BroughtSecret.ANOTHER, true, NOW)))
        .isEqualTo(ErrorCode.PRODUCT_KEY_TAKEN);
    assertThat(code(Product.decide(UNKNOWN, bring, BroughtSecret.MISSING, false, NOW)))
        .isEqualTo(ErrorCode.SECRET_NOT_FOUND);
    assertThat(code(Product.decide(UNKNOWN, bring, BroughtSecret.ANOTHER, true, NOW)))
        .isEqualTo(ErrorCode.PRODUCT_NAME_TAKEN);
    assertThat(code(Product.decide(KNOWN, new ImportProduct(OTHERS, KEY, "thermostat", 0, 1, null),
        BroughtSecret.THAT_OF_THE_KNOWN, false, NOW))).isEqualTo(ErrorCode.PRODUCT_KEY_TAKEN);
  }

  @Test
  void aDeviceMovesInOnceHoweverOftenItIsBrought() {
    var bring = new ImportDevice(MINE, KEY, DEVICE.deviceName(), IOT_ID, "hall");
    assertThat(Device.decide(UNREGISTERED, bring, KNOWN, BroughtSecret.ANOTHER, NOW))
        .isEqualTo(Decision.accept(WAS_REGISTERED));
    assertThat(Device.decide(REGISTERED, bring, KNOWN, BroughtSecret.THAT_OF_THE_KNOWN, NOW))
        .isEqualTo(Decision.nothing());
    assertThat(code(Device.decide(REGISTERED, bring, KNOWN, BroughtSecret.ANOTHER, NOW)))
        .isEqualTo(ErrorCode.DEVICE_NAME_TAKEN);
    assertThat(code(Device.decide(UNREGISTERED, bring, KNOWN, BroughtSecret.MISSING, NOW)))
        .isEqualTo(ErrorCode.SECRET_NOT_FOUND);
    assertThat(code(Device.decide(UNREGISTERED, bring, UNKNOWN, BroughtSecret.ANOTHER, NOW)))
        .isEqualTo(ErrorCode.PRODUCT_NOT_FOUND);
  }

  @Test
  void aDeviceIsDisabledAndEnabledAndDeletedByTheRegistrationThatIsMeant() {
    var name = DEVICE.deviceName();
    var disabled = new DeviceDisabled(KEY, name, NOW);
    var off = Device.evolve(REGISTERED, disabled);
    var another = IotId.of(KEY, CommandId.of("test", "another"));

    assertThat(Device.decide(REGISTERED, new SetDeviceEnabled(MINE, KEY, name, null, false), KNOWN, NOW))
        .isEqualTo(Decision.accept(disabled));
    assertThat(Device.decide(off, new SetDeviceEnabled(MINE, KEY, name, IOT_ID, false), KNOWN, NOW))
        .isEqualTo(Decision.nothing());
    assertThat(Device.decide(off, new SetDeviceEnabled(MINE, KEY, name, IOT_ID, true), KNOWN, NOW))
        .isEqualTo(Decision.accept(new DeviceEnabled(KEY, name, NOW)));
    assertThat(code(Device.decide(off, new SetDeviceEnabled(MINE, KEY, name, another, true), KNOWN, NOW)))
        .isEqualTo(ErrorCode.DEVICE_NOT_FOUND);
    var deleted = new DeviceDeleted(KEY, name, IOT_ID, NOW);
    assertThat(Device.decide(off, new DeleteDevice(MINE, KEY, name, null), KNOWN, null, NOW))
        .isEqualTo(Decision.accept(deleted));
    assertThat(Device.evolve(off, deleted)).isEqualTo(UNREGISTERED);
    assertThat(code(Device.decide(off, new DeleteDevice(MINE, KEY, name, another), KNOWN, null, NOW)))
        .isEqualTo(ErrorCode.DEVICE_NOT_FOUND);
    var job = JobId.of(FirmwareId.of(COMMAND), COMMAND);
    assertThat(code(Device.decide(off, new DeleteDevice(MINE, KEY, name, null), KNOWN, job, NOW)))
        .isEqualTo(ErrorCode.DEVICE_HAS_OPEN_TASK);
    assertThat(code(Device.decide(UNREGISTERED, new DeleteDevice(MINE, KEY, name, null), KNOWN, null, NOW)))
        .isEqualTo(ErrorCode.DEVICE_NOT_FOUND);
  }

  @Test
  void aModuleIsCreatedChangedAndDeletedUnlessAFirmwareIsForIt() {
    var modem = new ModuleName("modem");
    var create = new CreateModule(MINE, KEY, modem, "Modem", "LTE");
    var some = Map.of(modem, new Module(modem, "Modem", "LTE"));

    assertThat(Module.decide(Map.of(), create, KNOWN, NOW))
        .isEqualTo(Decision.accept(new ModuleCreated(KEY, modem, "Modem", "LTE", NOW)));
    assertThat(code(Module.decide(some, create, KNOWN, NOW))).isEqualTo(ErrorCode.MODULE_NAME_TAKEN);
    assertThat(code(Module.decide(Map.of(), new CreateModule(MINE, KEY, ModuleName.DEFAULT, null, null), KNOWN, NOW)))
        .isEqualTo(ErrorCode.MODULE_NAME_TAKEN);
    assertThat(code(Module.decide(some, create, UNKNOWN, NOW))).isEqualTo(ErrorCode.PRODUCT_NOT_FOUND);
    var ten = new HashMap<ModuleName, Module>();
    for (int i = 0; i < CreateModule.MAX_MODULES; i++) {
      ten.put(new ModuleName("m" + i), new Module(new ModuleName("m" + i), null, null));
    }
    assertThat(code(Module.decide(ten, create, KNOWN, NOW))).isEqualTo(ErrorCode.TOO_MANY_MODULES);
    assertThat(Module.decide(some, new UpdateModule(MINE, KEY, modem, "Funk", null), KNOWN, NOW))
        .isEqualTo(Decision.accept(new ModuleUpdated(KEY, modem, "Funk", "LTE", NOW)));
    assertThat(Module.decide(some, new UpdateModule(MINE, KEY, modem, null, "LTE"), KNOWN, NOW))
        .isEqualTo(Decision.nothing());
    assertThat(code(Module.decide(Map.of(), new UpdateModule(MINE, KEY, modem, null, null), KNOWN, NOW)))
        .isEqualTo(ErrorCode.MODULE_NOT_FOUND);
    assertThat(Module.decide(some, new DeleteModule(MINE, KEY, modem), KNOWN, 0, NOW))
        .isEqualTo(Decision.accept(new ModuleDeleted(KEY, modem, NOW)));
    assertThat(code(Module.decide(some, new DeleteModule(MINE, KEY, modem), KNOWN, 1, NOW)))
        .isEqualTo(ErrorCode.MODULE_IN_USE);
    assertThat(code(Module.decide(some, new DeleteModule(MINE, KEY, ModuleName.DEFAULT), KNOWN, 0, NOW)))
        .isEqualTo(ErrorCode.MODULE_IN_USE);
    assertThat(code(Module.decide(Map.of(), new DeleteModule(MINE, KEY, modem), KNOWN, 0, NOW)))
        .isEqualTo(ErrorCode.MODULE_NOT_FOUND);
  }

  private static ErrorCode code(Decision<?> decision) {
    return ((Decision.Refused<?>) decision).code();
  }
}
