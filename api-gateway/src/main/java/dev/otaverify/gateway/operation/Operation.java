// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** One operation of the API. */
public interface Operation {

  /** Its name: {@code Action} of a request. */
  String action();

  /** What it takes. Each is checked, in this order, before {@link #call}; what is not declared is ignored. */
  List<Parameter<?>> parameters();

  /** What it can be refused with besides the codes of its parameters. */
  default List<ErrorCode> codes() {
    return List.of();
  }

  /** How many calls a second an account has, unless it is configured otherwise: the vendor's figures, 10 where it has none. */
  default int callsPerSecond() {
    return 10;
  }

  /** Parameters that the vendor documents and that have no effect here. */
  default List<String> ignored() {
    return List.of();
  }

  /**
   * Carries it out.
   *
   * @return the fields of the answer besides {@code RequestId} and {@code Success}; or a
   *     {@link dev.otaverify.gateway.api.ApiException}
   */
  Mono<Fields> call(Arguments arguments, Caller caller);
}
