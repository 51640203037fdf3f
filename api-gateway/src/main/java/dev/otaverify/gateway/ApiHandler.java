// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.gateway.api.Answer;
import dev.otaverify.gateway.api.ApiException;
import dev.otaverify.gateway.api.ApiRequest;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.Format;
import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.RefusedException;
import dev.otaverify.gateway.account.Admission;
import dev.otaverify.gateway.auth.Authenticator;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.Arguments;
import dev.otaverify.gateway.operation.Operation;
import dev.otaverify.gateway.operation.Operations;
import dev.otaverify.gateway.operation.Query;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/** Takes calls: reads them, finds out who calls, has the operation answer, and writes the answer, whatever it is. */
final class ApiHandler implements WebHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
  private static final String VERSION = "2018-01-20";
  private static final int MAX_BODY = 1024 * 1024;
  /** A name of DNS is no longer. */
  private static final int MAX_HOST = 255;

  private final Operations operations;
  private final Authenticator authenticator;
  private final Admission admission;
  private final String instanceId;
  private final CallMetrics metrics;

  ApiHandler(Operations operations, Authenticator authenticator, Admission admission, String instanceId,
      CallMetrics metrics) {
    this.operations = operations;
    this.authenticator = authenticator;
    this.admission = admission;
    this.instanceId = instanceId;
    this.metrics = metrics;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange) {
    var call = new Call(exchange);
    // With a context of its own, or whatever asks for one on the way asks all that is above here.
    return body(exchange.getRequest()).map(call::read)
        .flatMap(read -> call.carryOut(read).contextWrite(context -> context))
        .onErrorResume(error -> Mono.just(call.failure(error)))
        .flatMap(answer -> write(exchange.getResponse(), answer, call.format, call.retryAfter));
  }

  private static Mono<Void> write(ServerHttpResponse response, Answer answer, Format format, Duration retryAfter) {
    var bytes = answer.write(format);
    response.setRawStatusCode(answer.status());
    var headers = response.getHeaders();
    headers.set(HttpHeaders.CONTENT_TYPE, format.contentType());
    // The oldest client reads only bytes of a known length.
    headers.setContentLength(bytes.length);
    if (retryAfter.isPositive()) {
      headers.set(HttpHeaders.RETRY_AFTER, Long.toString(Math.ceilDiv(retryAfter.toMillis(), 1000)));
    }
    return response.writeWith(Mono.just(response.bufferFactory().wrap(bytes)));
  }

  private static Mono<byte[]> body(ServerHttpRequest request) {
    return DataBufferUtils.join(request.getBody(), MAX_BODY).map(buffer -> {
      try {
        var bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        return bytes;
      } finally {
        DataBufferUtils.release(buffer);
      }
    }).defaultIfEmpty(new byte[0]);
  }

  /** One call, and what is known of it so far. */
  private final class Call {
    private final ServerWebExchange exchange;
    private final ServerHttpRequest request;
    private final String requestId = UUID.randomUUID().toString().toUpperCase(Locale.ROOT);
    private Format format = Format.XML;
    private String action = "";
    private Duration retryAfter = Duration.ZERO;
    private final Timer.Sample begun = metrics.begin();

    Call(ServerWebExchange exchange) {
      this.exchange = exchange;
      this.request = exchange.getRequest();
    }

    ApiRequest read(byte[] body) {
      var headers = headers();
      RequestLines.check(headers);
      @Nullable
      String query = RequestLines.query(headers, request.getURI());
      var form = ContentTypes.is(MediaType.APPLICATION_FORM_URLENCODED, request.getHeaders())
          ? new String(body, StandardCharsets.UTF_8)
          : "";
      List<ApiRequest.Pair> inQuery;
      List<ApiRequest.Pair> inForm;
      try {
        inQuery = ApiRequest.pairs(query);
        inForm = ApiRequest.pairs(form);
      } catch (GatewayException unreadable) {
        // The refusal is in the format that can be read of the rest.
        format = Format.preferred(headers, ApiRequest.readable(query), ApiRequest.readable(form));
        throw unreadable;
      }
      format = Format.preferred(headers, inQuery, inForm);
      return ApiRequest.of(request.getMethod().name(), headers, inQuery, inForm, body);
    }

    Mono<Answer> carryOut(ApiRequest call) {
      var operation = operation(call);
      action = operation.action();
      CallTrace.name(exchange, action);
      return authenticator.authenticate(call, CallTrace.parent(exchange, call.headers())).flatMap(caller -> {
        if (!caller.permissions().mayCall(action)) {
          throw new GatewayException(403, "Forbidden.RAM",
              "User not authorized to operate on the specified resource: " + action + ".", "");
        }
        return admitted(caller, operation, Mono.defer(() -> {
          @Nullable
          String instance = call.find("IotInstanceId");
          if (instance != null && !instance.equals(instanceId)) {
            throw RefusedException.unexpected(ErrorCode.INSTANCE_NOT_FOUND, "IotInstanceId", instance,
                "absent or the id of this instance");
          }
          return operation.call(Arguments.of(operation.parameters(), call.parameters()), caller);
        }));
      }).map(this::success)
          // An answer that nobody wrote must not look like one.
          .switchIfEmpty(Mono.error(() -> new IllegalStateException(action + ": no answer (expected: one)")));
    }

    /** The answer of a call that is admitted. A query is begun meanwhile, unless it is likely to be refused: it waits for less then. */
    private Mono<Fields> admitted(Caller caller, Operation operation, Mono<Fields> answer) {
      var admitted = admission.admit(caller, operation);
      return operation instanceof Query && !admission.isThrottled(caller, operation)
          ? Mono.zip(admitted.thenReturn(operation), answer.materialize(), (any, signal) -> signal).dematerialize()
          : admitted.then(answer);
    }

    Answer success(Fields fields) {
      metrics.succeeded(begun, action);
      return Answer.success(action, requestId, fields);
    }

    Answer failure(Throwable error) {
      var failure = switch (error) {
        case ApiException known -> known;
        case DataBufferLimitException tooLong -> {
          // Nothing of the body is known then, but the query may name the format.
          var headers = headers();
          format = Format.preferred(headers, ApiRequest.readable(RequestLines.query(headers, request.getURI())));
          yield new GatewayException(413, "RequestEntityTooLarge", "body: too long (expected: 1 MiB or less)", "");
        }
        default -> {
          LOG.atError().addKeyValue("requestId", requestId).addKeyValue("action", action).setCause(error)
              .log("Call failed");
          yield new GatewayException(500, "InternalError",
              "The request processing has failed due to some unknown error, exception or failure.", "");
        }
      };
      if (failure instanceof GatewayException failed) {
        retryAfter = failed.retryAfter();
      }
      metrics.failed(begun, action, failure);
      return Answer.failure(action, requestId, host(), failure);
    }

    private Operation operation(ApiRequest call) {
      var operation = operations.find(call.require("Action")).orElseThrow(() -> new GatewayException(404,
          "InvalidApi.NotFound", "Specified api is not found, please check your url and method.", ""));
      var version = call.require("Version");
      if (!version.equals(VERSION)) {
        throw GatewayException.badRequest("InvalidVersion", "Version: " + version + " (expected: " + VERSION + ")");
      }
      return operation;
    }

    private Map<String, String> headers() {
      var headers = new HashMap<String, String>();
      request.getHeaders().forEach((name, values) -> {
        if (!values.isEmpty()) {
          headers.put(name.toLowerCase(Locale.ROOT), values.getFirst());
        }
      });
      return headers;
    }

    private String host() {
      var host = Optional.ofNullable(request.getHeaders().getFirst(HttpHeaders.HOST)).orElse("");
      return host.substring(0, Math.min(host.length(), MAX_HOST));
    }
  }
}
