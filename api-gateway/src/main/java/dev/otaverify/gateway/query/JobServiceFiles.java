// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.query;

import dev.otaverify.contracts.Wire;
import dev.otaverify.gateway.files.FilesInUse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;

/** Asks job-service which files firmware has. Anything but its answer is an error. */
final class JobServiceFiles implements FilesInUse {
  private static final TypeReference<Set<String>> KEYS = new TypeReference<>() {};

  private final WebClient client;
  private final Duration timeout;

  /** @param client sends to job-service, with the token for its internal API */
  JobServiceFiles(WebClient client, Duration timeout) {
    this.client = client;
    this.timeout = timeout;
  }

  @Override
  public Mono<Set<String>> of(List<String> keys) {
    return client.post().uri("/internal/files/in-use").contentType(MediaType.APPLICATION_JSON)
        .bodyValue(Wire.JSON.writeValueAsBytes(keys)).exchangeToMono(response -> response.statusCode().value() == 200
            ? response.bodyToMono(byte[].class)
            : response.createError())
        .<Set<String>>map(json -> Wire.JSON.readValue(json, KEYS))
        // Nothing at all must not be taken for "none".
        .switchIfEmpty(Mono.error(() -> new IllegalStateException("job-service: no body (expected: a list of keys)")))
        .retryWhen(Again.ifDisconnected()).timeout(timeout);
  }
}
