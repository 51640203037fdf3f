// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/** The secrets of products and devices. Only job-service knows them, since no message may carry them. */
public interface Secrets {
  /** The secret of a product that was just created. */
  Mono<String> ofProduct(ProductKey product);

  /** The secret of a device that was just registered. */
  Mono<String> ofDevice(ProductKey product, DeviceName device);

  /** The secrets of those of these devices that exist, by their names. */
  Mono<Map<String, String>> ofDevices(ProductKey product, List<DeviceName> devices);

  /** Hands over the secret of what moves in, before the command of this id. */
  Mono<Void> stage(CommandId command, String secret);
}
