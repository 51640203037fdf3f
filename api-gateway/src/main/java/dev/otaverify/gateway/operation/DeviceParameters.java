// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A device as operations name it: by {@code IotId}, or by {@code ProductKey} and {@code DeviceName}; the first wins. */
final class DeviceParameters {
  private static final Parameter<IotId> IOT_ID = Common.iotId("IotId");
  private static final Parameter<ProductKey> PRODUCT_KEY = Common.optionalProductKey();
  private static final Parameter<DeviceName> DEVICE_NAME = Common.deviceName("DeviceName");

  /** The parameters. */
  static final List<Parameter<?>> ALL = List.of(IOT_ID, PRODUCT_KEY, DEVICE_NAME);

  private DeviceParameters() {}

  /** A device that a command is about; with the {@code IotId} if it was named by that. */
  record Meant(ProductKey productKey, DeviceName deviceName, @Nullable IotId iotId) {}

  /** What is known of the device. */
  static Mono<DeviceView> view(Arguments arguments, Views views, Caller caller) {
    @Nullable
    IotId iotId = arguments.find(IOT_ID);
    return iotId == null
        ? Mono.defer(() -> views.device(required(arguments, PRODUCT_KEY), required(arguments, DEVICE_NAME), caller))
        : views.device(iotId, caller);
  }

  /** The device by its names. */
  static Mono<Meant> meant(Arguments arguments, Views views, Caller caller) {
    @Nullable
    IotId iotId = arguments.find(IOT_ID);
    return iotId == null
        ? Mono.fromSupplier(
            () -> new Meant(required(arguments, PRODUCT_KEY), required(arguments, DEVICE_NAME), null))
        : views.device(iotId, caller).map(view -> new Meant(view.productKey(), view.deviceName(), view.iotId()));
  }

  private static <T> T required(Arguments arguments, Parameter<T> parameter) {
    @Nullable
    T value = arguments.find(parameter);
    if (value == null) {
      throw GatewayException.missing(parameter.name());
    }
    return value;
  }
}
