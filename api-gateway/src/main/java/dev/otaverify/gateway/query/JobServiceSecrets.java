// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.query;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Wire;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.operation.Secrets;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.UriBuilder;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;
import tools.jackson.core.type.TypeReference;

/**
 * Asks job-service for secrets, after it has accepted the command that made them. If it does not answer, the caller is
 * told to send the same request again: the thing exists by then, and the repeat gets its secret.
 */
public final class JobServiceSecrets implements Secrets {
  private static final Logger LOG = LoggerFactory.getLogger(JobServiceSecrets.class);
  private static final TypeReference<Map<String, String>> SECRETS = new TypeReference<>() {};
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  /** What job-service says of a device; more than is needed here is ignored. */
  private record DeviceCredentials(String deviceSecret) {}

  /** What job-service says of a product. */
  private record ProductCredentials(String productSecret) {}

  private final WebClient client;
  private final Duration timeout;

  /** @param client sends to job-service, with the token for its internal API */
  JobServiceSecrets(WebClient client, Duration timeout) {
    this.client = client;
    this.timeout = timeout;
  }

  @Override
  public Mono<String> ofProduct(ProductKey product) {
    return ask(uri -> uri.path("/internal/products/{pk}/secret").build(product), ProductCredentials.class)
        .map(ProductCredentials::productSecret);
  }

  @Override
  public Mono<String> ofDevice(ProductKey product, DeviceName device) {
    return ask(uri -> uri.path("/internal/devices/{pk}/{dn}/credentials").build(product, device),
        DeviceCredentials.class).map(DeviceCredentials::deviceSecret);
  }

  @Override
  public Mono<Map<String, String>> ofDevices(ProductKey product, List<DeviceName> devices) {
    if (devices.isEmpty()) {
      return Mono.just(Map.of());
    }
    return client.get().uri(uri -> {
      var query = uri.path("/internal/products/{pk}/devices/secrets");
      devices.forEach(device -> query.queryParam("name", device.value()));
      return query.build(product);
    }).retrieve().bodyToMono(byte[].class).<Map<String, String>>map(json -> Wire.JSON.readValue(json, SECRETS))
        .retryWhen(Again.ifDisconnected()).timeout(timeout)
        .onErrorMap(error -> nothingDone("Secrets were not to be had: {}", error));
  }

  @Override
  public Mono<Void> stage(CommandId command, String secret) {
    return client.put().uri(uri -> uri.path("/internal/commands/{id}/secret").build(command))
        .contentType(MediaType.APPLICATION_JSON).bodyValue(Wire.JSON.writeValueAsBytes(Map.of("secret", secret)))
        .retrieve().toBodilessEntity().retryWhen(Again.ifDisconnected()).timeout(timeout)
        .onErrorMap(error -> nothingDone("A secret was not handed over: {}", error)).then();
  }

  private static GatewayException nothingDone(String message, Throwable error) {
    // Not the error's own text: it may hold what was sent or read.
    LOG.atWarn().addKeyValue("service", "job-service").log(message, error.getClass().getSimpleName());
    return GatewayException.unavailable("job-service");
  }

  private <T> Mono<T> ask(Function<UriBuilder, URI> uri, Class<T> type) {
    return client.get().uri(uri).retrieve().bodyToMono(byte[].class).map(json -> Wire.JSON.readValue(json, type))
        .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE).maxBackoff(FIRST_PAUSE.multipliedBy(8)))
        .timeout(timeout).onErrorMap(error -> {
          // Not the error's own text: it may hold what was read.
          LOG.atWarn().addKeyValue("service", "job-service").log("A secret was not to be had: {}",
              error.getClass().getSimpleName());
          return GatewayException.outcomeUnknown();
        });
  }
}
