// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.query;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.Wire;
import dev.otaverify.contracts.query.FirmwareAnswer;
import dev.otaverify.contracts.query.FirmwareQuestion;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.contracts.query.TaskHistoryView;
import dev.otaverify.contracts.query.TaskStatus;
import dev.otaverify.contracts.query.TaskView;
import dev.otaverify.gateway.Waiting;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.contracts.IotId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.query.DeviceView;
import dev.otaverify.contracts.query.ModuleView;
import dev.otaverify.contracts.query.ProductView;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.NotFound;
import dev.otaverify.gateway.operation.Views;
import dev.otaverify.kit.Together;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.UriBuilder;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;

/** Asks status-aggregator. What it does not answer is answered as unavailable, never from memory. */
public final class AggregatorViews implements Views {
  private static final Logger LOG = LoggerFactory.getLogger(AggregatorViews.class);
  private static final TypeReference<List<FirmwareAnswer>> FIRMWARE_ANSWERS = new TypeReference<>() {};
  private static final TypeReference<FirmwareView> FIRMWARE = new TypeReference<>() {};
  private static final TypeReference<JobView> JOB = new TypeReference<>() {};
  private static final TypeReference<Page<TaskView>> TASKS = new TypeReference<>() {};
  private static final TypeReference<TaskHistoryView> HISTORY = new TypeReference<>() {};
  private static final TypeReference<Page<ProductView>> PRODUCTS = new TypeReference<>() {};
  private static final TypeReference<List<ModuleView>> MODULES = new TypeReference<>() {};
  private static final TypeReference<Page<DeviceView>> DEVICES = new TypeReference<>() {};
  private static final TypeReference<Page<FirmwareView>> FIRMWARE_LIST = new TypeReference<>() {};
  private static final TypeReference<Page<JobView>> JOBS = new TypeReference<>() {};
  private static final TypeReference<List<TaskView>> OPEN_TASKS = new TypeReference<>() {};

  private final WebClient client;
  private final CircuitBreaker breaker;
  private final Waiting waiting;
  private final Duration timeout;
  /** What is asked for most often, by all who wait: what it costs is the request, more than what is asked. */
  private final Together<FirmwareQuestion, FirmwareAnswer> firmware;

  /** @param client sends to status-aggregator, with the token for its internal API */
  AggregatorViews(WebClient client, CircuitBreaker breaker, Waiting waiting, Duration timeout) {
    this.client = client;
    this.breaker = breaker;
    this.waiting = waiting;
    this.timeout = timeout;
    this.firmware = new Together<>(this::firmware, FirmwareQuestion.MOST);
  }

  @Override
  public Mono<FirmwareView> firmware(FirmwareId id, Caller caller) {
    return waiting.bounded(firmware.ask(new FirmwareQuestion(caller.account(), id)))
        .flatMap(answer -> answer.behind() ? awaited(id, caller) : Mono.justOrEmpty(answer.firmware()))
        .switchIfEmpty(Mono.error(
            () -> NotFound.firmware(id)));
  }

  /** As one request. An earlier version of status-aggregator does not know it: then each is asked for alone. */
  private Mono<List<FirmwareAnswer>> firmware(List<FirmwareQuestion> questions) {
    return exchanged(client.post().uri("/internal/queries/firmware-at-once").contentType(MediaType.APPLICATION_JSON)
        .bodyValue(Wire.JSON.writeValueAsBytes(questions)), FIRMWARE_ANSWERS)
        .map(answers -> answers.orElseGet(() -> Collections.nCopies(questions.size(), FirmwareAnswer.BEHIND)));
  }

  /** Asked for alone, it is waited for until all is read that was written before. */
  private Mono<FirmwareView> awaited(FirmwareId id, Caller caller) {
    return ask(uri -> uri.path("/internal/queries/firmware/{id}").queryParam("account", "{account}").build(id,
        caller.account()), FIRMWARE);
  }

  @Override
  public Mono<JobView> job(JobId id, Caller caller) {
    return ask(uri -> uri.path("/internal/queries/jobs/{id}").queryParam("account", "{account}").build(id,
        caller.account()), JOB).switchIfEmpty(Mono.error(() -> NotFound.job(id)));
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
    }, TASKS).switchIfEmpty(Mono.error(() -> NotFound.job(job)));
  }

  @Override
  public Mono<TaskHistoryView> history(TaskId task, int page, int size, Caller caller) {
    return ask(uri -> paged(query(uri, "/internal/queries/tasks/" + task + "/history"), page, size)
        .build(caller.account()), HISTORY).switchIfEmpty(Mono.error(() -> NotFound.task(task)));
  }

  @Override
  public Mono<ProductView> product(ProductKey key, Caller caller) {
    return ask(uri -> query(uri, "/internal/queries/products").queryParam("product", key).build(caller.account()),
        PRODUCTS).flatMap(page -> Mono.justOrEmpty(page.items().stream().findFirst()))
        .switchIfEmpty(Mono.error(() -> NotFound.product(key)));
  }

  @Override
  public Mono<Page<ProductView>> products(int page, int size, Caller caller) {
    return ask(uri -> {
      var query = paged(query(uri, "/internal/queries/products"), page, size);
      ofCaller(query, caller);
      return query.build(caller.account());
    }, PRODUCTS).switchIfEmpty(Mono.error(AggregatorViews::noList));
  }

  @Override
  public Mono<List<ModuleView>> modules(ProductKey key, Caller caller) {
    return ask(uri -> query(uri, "/internal/queries/products/" + key + "/modules").build(caller.account()), MODULES)
        .switchIfEmpty(Mono.error(() -> NotFound.product(key)));
  }

  @Override
  public Mono<Page<DeviceView>> devices(ProductKey key, int page, int size, Caller caller) {
    return ask(uri -> paged(query(uri, "/internal/queries/products/" + key + "/devices"), page, size)
        .build(caller.account()), DEVICES).switchIfEmpty(Mono.error(() -> NotFound.product(key)));
  }

  @Override
  public Mono<List<DeviceView>> devices(ProductKey key, List<DeviceName> names, Caller caller) {
    // Without a device the question is whether there is the product.
    return names.isEmpty() ? devices(key, 1, 1, caller).map(page -> List.of()) : devices(key, "name", names, caller);
  }

  @Override
  public Mono<List<DeviceView>> devicesOf(ProductKey key, List<IotId> iotIds, Caller caller) {
    return devices(key, "iotId", iotIds, caller)
        // Another account's product does not exist, nor do its devices.
        .onErrorResume(RefusedException.class, none -> Mono.just(List.of()));
  }

  private Mono<List<DeviceView>> devices(ProductKey key, String parameter, List<?> values, Caller caller) {
    return ask(uri -> {
      var query = paged(query(uri, "/internal/queries/products/" + key + "/devices"), 1, values.size());
      values.forEach(value -> query.queryParam(parameter, value));
      return query.build(caller.account());
    }, DEVICES).map(Page::items).switchIfEmpty(Mono.error(() -> NotFound.product(key)));
  }

  @Override
  public Mono<DeviceView> device(ProductKey key, DeviceName name, Caller caller) {
    return devices(key, List.of(name), caller)
        .flatMap(devices -> Mono.justOrEmpty(devices.stream().findFirst()))
        .switchIfEmpty(Mono.error(() -> NotFound.device("DeviceName: " + name)));
  }

  @Override
  public Mono<DeviceView> device(IotId iotId, Caller caller) {
    return devicesOf(iotId.productKey(), List.of(iotId), caller)
        .flatMap(devices -> Mono.justOrEmpty(devices.stream().findFirst()))
        .switchIfEmpty(Mono.error(() -> NotFound.device("IotId: " + iotId)));
  }

  @Override
  public Mono<Page<FirmwareView>> firmware(@Nullable ProductKey product, @Nullable String version, int page, int size,
      Caller caller) {
    return ask(uri -> {
      var query = paged(query(uri, "/internal/queries/firmware"), page, size);
      if (product == null) {
        ofCaller(query, caller);
      } else {
        query.queryParam("product", product);
      }
      if (version == null) {
        return query.build(caller.account());
      }
      return query.queryParam("version", "{version}").build(caller.account(), version);
    }, FIRMWARE_LIST).switchIfEmpty(Mono.error(AggregatorViews::noList));
  }

  @Override
  public Mono<Page<JobView>> jobs(FirmwareId firmware, @Nullable DeviceName device, int page, int size,
      Caller caller) {
    return ask(uri -> {
      var query = paged(query(uri, "/internal/queries/firmware/" + firmware + "/jobs"), page, size);
      if (device != null) {
        query.queryParam("device", device);
      }
      return query.build(caller.account());
    }, JOBS).switchIfEmpty(Mono.error(() -> NotFound.firmware(firmware)));
  }

  @Override
  public Mono<List<TaskView>> openTasks(ProductKey key, DeviceName device, TaskStatus status,
      @Nullable ModuleName module, Caller caller) {
    return ask(uri -> {
      var query = query(uri, "/internal/queries/products/" + key + "/devices/{name}/tasks").queryParam("status",
          status);
      if (module != null) {
        query.queryParam("module", module);
      }
      return query.build(device, caller.account());
    }, OPEN_TASKS).switchIfEmpty(Mono.error(() -> NotFound.device("DeviceName: " + device)));
  }

  /** A list of the account is there always, be it empty. */
  private static GatewayException noList() {
    LOG.atWarn().addKeyValue("service", "status-aggregator").log("Query failed: 404 for a list of the account");
    return GatewayException.unavailable("status-aggregator");
  }

  /** Asks only for the products that there are for the caller. */
  private static void ofCaller(UriBuilder query, Caller caller) {
    @Nullable
    Set<ProductKey> products = caller.permissions().products();
    if (products != null) {
      products.forEach(product -> query.queryParam("product", product));
    }
  }

  /** Nothing in an id, a key or a device's name means anything in a query string; the account is filled in last. */
  private static UriBuilder query(UriBuilder uri, String path) {
    return uri.path(path).queryParam("account", "{account}");
  }

  private static UriBuilder paged(UriBuilder uri, int page, int size) {
    return uri.queryParam("page", page).queryParam("size", size);
  }

  /** The view; empty if there is none. */
  private <T> Mono<T> ask(Function<UriBuilder, URI> uri, TypeReference<T> type) {
    return waiting.bounded(exchanged(client.get().uri(uri), type)).flatMap(Mono::justOrEmpty);
  }

  private <T> Mono<Optional<T>> exchanged(WebClient.RequestHeadersSpec<?> request, TypeReference<T> type) {
    return request.exchangeToMono(response -> {
      if (response.statusCode().isSameCodeAs(HttpStatus.OK)) {
        return response.bodyToMono(byte[].class).map(json -> Optional.of(Wire.JSON.readValue(json, type)));
      }
      if (response.statusCode().isSameCodeAs(HttpStatus.NOT_FOUND)) {
        return response.releaseBody().thenReturn(Optional.<T>empty());
      }
      return response.releaseBody().then(Mono.error(new UnexpectedStatusException(response.statusCode())));
    }).retryWhen(Again.ifDisconnected()).timeout(timeout).transformDeferred(CircuitBreakerOperator.of(breaker))
        .onErrorMap(error -> {
          if (!(error instanceof CallNotPermittedException)) {
            LOG.atWarn().addKeyValue("service", "status-aggregator").log("Query failed: {}", error.toString());
          }
          return GatewayException.unavailable("status-aggregator");
        });
  }

  /** An answer that the internal API does not give when all is well. */
  private static final class UnexpectedStatusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnexpectedStatusException(HttpStatusCode status) {
      super("status: " + status.value() + " (expected: 200 or 404)");
    }
  }
}
