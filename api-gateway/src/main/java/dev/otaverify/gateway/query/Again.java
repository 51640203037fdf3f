// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.query;

import java.time.Duration;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

/**
 * What changes nothing when it is done twice is tried again for a moment when a connection cannot be had or breaks: an instance that is
 * stopped ends its connections, and another is there.
 */
final class Again {
  private static final int TIMES = 4;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  private Again() {}

  static RetryBackoffSpec ifDisconnected() {
    return Retry.backoff(TIMES, FIRST_PAUSE).filter(WebClientRequestException.class::isInstance)
        .onRetryExhaustedThrow((spec, signal) -> signal.failure());
  }
}
