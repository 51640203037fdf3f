// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.query;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Wire;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.Views;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.UriBuilder;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;

/** Asks status-aggregator. What it does not answer is answered as unavailable, never from memory. */
public final class AggregatorViews implements Views {
  private static final Logger LOG = LoggerFactory.getLogger(AggregatorViews.class);
  private static final TypeReference<FirmwareView> FIRMWARE = new TypeReference<>() {};
  private static final TypeReference<JobView> JOB = new TypeReference<>() {};
  private static final TypeReference<Page<TaskView>> TASKS = new TypeReference<>() {};

  private final WebClient client;
  private final CircuitBreaker breaker;
  private final Duration timeout;

  /** @param client sends to status-aggregator, with the token for its internal API */
  AggregatorViews(WebClient client, CircuitBreaker breaker, Duration timeout) {
    this.client = client;
    this.breaker = breaker;
    this.timeout = timeout;
  }

  @Override
  public Mono<FirmwareView> firmware(FirmwareId id, Caller caller) {
    return ask(uri -> uri.path("/internal/queries/firmware/{id}").queryParam("account", "{account}").build(id,
        caller.account()), FIRMWARE, caller)
        .switchIfEmpty(Mono.error(
            () -> new RefusedException(ErrorCode.FIRMWARE_NOT_FOUND, "FirmwareId: " + id
                + " (expected: the id of a firmware). The specified firmware does not exist.")));
  }

  @Override
  public Mono<JobView> job(JobId id, Caller caller) {
    return ask(uri -> uri.path("/internal/queries/jobs/{id}").queryParam("account", "{account}").build(id,
        caller.account()), JOB, caller).switchIfEmpty(Mono.error(() -> noSuchJob(id)));
  }

  @Override
  public Mono<Page<TaskView>> tasks(JobId job, @Nullable TaskStatus status, List<DeviceName> devices, int page,
      int size, Caller caller) {
    return ask(uri -> {
      var query = uri.path("/internal/queries/jobs/{id}/tasks").queryParam("account", "{account}")
          .queryParam("page", page).queryParam("size", size);
      if (status != null) {
        query.queryParam("status", status);
      }
      // Nothing in a device's name means anything in a query string.
      devices.forEach(device -> query.queryParam("device", device));
      return query.build(job, caller.account());
    }, TASKS, caller).switchIfEmpty(Mono.error(() -> noSuchJob(job)));
  }

  /** The view; empty if there is none. */
  private <T> Mono<T> ask(Function<UriBuilder, URI> uri, TypeReference<T> type, Caller caller) {
    return client.get().uri(uri).header("traceparent", caller.traceparent()).exchangeToMono(response -> {
      if (response.statusCode().isSameCodeAs(HttpStatus.OK)) {
        return response.bodyToMono(byte[].class).map(json -> Optional.of(Wire.JSON.readValue(json, type)));
      }
      if (response.statusCode().isSameCodeAs(HttpStatus.NOT_FOUND)) {
        return response.releaseBody().thenReturn(Optional.<T>empty());
      }
      return response.releaseBody().then(Mono.error(new UnexpectedStatusException(response.statusCode())));
    }).timeout(timeout).transformDeferred(CircuitBreakerOperator.of(breaker)).onErrorMap(error -> {
      if (!(error instanceof CallNotPermittedException)) {
        LOG.atWarn().addKeyValue("service", "status-aggregator").log("Query failed: {}", error.toString());
      }
      return GatewayException.unavailable("status-aggregator");
    }).flatMap(Mono::justOrEmpty);
  }

  private static RefusedException noSuchJob(JobId id) {
    return new RefusedException(ErrorCode.JOB_NOT_FOUND,
        "JobId: " + id + " (expected: the id of a job). The specified job does not exist.");
  }

  /** An answer that the internal API does not give when all is well. */
  private static final class UnexpectedStatusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnexpectedStatusException(HttpStatusCode status) {
      super("status: " + status.value() + " (expected: 200 or 404)");
    }
  }
}
