// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** What stands before every upgrade of a fleet: only firmware that is verified, or needs no verification, goes on. */
final class UpgradeGate {
  static final ListParameter<String> SOURCE_VERSIONS = ListParameter.of(Parameter.text("SrcVersion", 1, 64))
      .sized(new ListParameter.Bounds(0, 10, ErrorCode.INVALID_PARAMETER, ErrorCode.INVALID_PARAMETER));

  private UpgradeGate() {}

  /** A whole number, one of these. */
  static Parameter<Integer> oneOf(String name, Integer... allowed) {
    var numbers = List.of(allowed);
    return Parameter.of(name, "one of " + numbers, text -> {
      var number = Integer.valueOf(text);
      Parameter.require(numbers.contains(number));
      return number;
    });
  }

  /** Refuses what may not go to a fleet; and the rest, since there is no upgrade yet. */
  static Mono<Fields> pass(Views views, FirmwareId firmware, ProductKey product, List<DeviceName> targets,
      Caller caller) {
    return views.firmware(firmware, caller).flatMap(view -> {
      if (!view.spec().productKey().equals(product)) {
        return Mono.error(RefusedException.unexpected(ErrorCode.FIRMWARE_PRODUCT_MISMATCH, "ProductKey",
            product.value(), view.spec().productKey() + ", the product of firmware " + firmware));
      }
      return views.devices(product, targets, caller).flatMap(devices -> {
        var missing = targets.stream()
            .filter(name -> devices.stream().noneMatch(device -> device.deviceName().equals(name))).toList();
        return missing.isEmpty()
            ? Mono.error(refusal(view))
            : Mono.error(RefusedException.unexpected(ErrorCode.DEVICE_NOT_FOUND, "TargetDeviceName",
                missing.toString(), "devices of product " + product));
      });
    });
  }

  private static RefusedException refusal(FirmwareView view) {
    return switch (view.status()) {
      case UNVERIFIED, VERIFYING, VERIFICATION_FAILED -> RefusedException.unexpected(ErrorCode.FIRMWARE_NOT_VERIFIED,
          "FirmwareId", view.firmwareId() + " with Status " + view.status().code(),
          "a firmware with Status 1 (verified) or -1 (needs no verification)");
      case VERIFIED, NOT_NEEDED -> new RefusedException(ErrorCode.API_NOT_AVAILABLE,
          "The firmware may be upgraded to, but upgrade jobs are not available yet; nothing was done.");
    };
  }
}
