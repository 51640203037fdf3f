// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.gateway.api.GatewayException;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.reactor.bulkhead.operator.BulkheadOperator;
import reactor.core.publisher.Mono;

/** Bounds how many calls wait for another service at once, so that a slow one costs neither memory nor the calls to others. */
public record Waiting(Bulkhead bulkhead, String service) {

  /** The same, or that the service is not available, at once, if as many wait for it already. */
  public <T> Mono<T> bounded(Mono<T> call) {
    return call.transformDeferred(BulkheadOperator.of(bulkhead)).onErrorMap(BulkheadFullException.class,
        full -> GatewayException.unavailable(service));
  }
}
