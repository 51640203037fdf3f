// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Calls the API as any client does: an RPC request, signed with the vendor's signature version 1.0. */
public final class ApiClient {
  /** For as long a stack may be away, killed and started again. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

  private final URI endpoint;
  private final AccessKey accessKey;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(5)).build();

  /** Calls the API at this address with this access key. */
  public ApiClient(URI endpoint, String accessKeyId, String accessKeySecret) {
    this.endpoint = endpoint;
    this.accessKey = new AccessKey(accessKeyId, accessKeySecret);
  }

  /** Of the stack that has these settings. */
  public static ApiClient of(Settings settings) {
    return new ApiClient(URI.create(settings.url(Part.API_GATEWAY)), settings.accessKeyId(),
        settings.accessKeySecret());
  }

  /** The service refused, or did not answer as expected. */
  public static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Calls an operation and gives its answer. Waits for a service that is away, and for its turn, for a minute.
   *
   * @throws RefusedException with code and message, if {@code Success} is not true
   */
  public JsonNode call(String action, Map<String, String> parameters) {
    // The same signed request may be sent again, when nobody answers or the outcome is unknown: it counts once.
    var request = request(action, parameters);
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    for (var pause = FIRST_PAUSE;; pause = longer(pause)) {
      boolean last = System.nanoTime() + pause.toNanos() > giveUp;
      try {
        var response = http.send(request, BodyHandlers.ofString());
        // What a throttled call is told in Retry-After is in whole seconds; calls pass one by one before that.
        boolean expired = isExpired(response);
        if ((response.statusCode() != 503 && !isThrottled(response) && !expired) || last) {
          return accepted(action, response.body());
        }
        if (expired) {
          // For good: nothing was done, and the same request will be told the same.
          request = request(action, parameters);
        }
      } catch (IOException e) {
        if (last) {
          throw new RefusedException(action + ": no answer from " + endpoint + ": " + e);
        }
      } catch (InterruptedException e) {
        throw interrupted(action);
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        throw interrupted(action);
      }
    }
  }

  /** A call, signed and good for once. */
  HttpRequest request(String action, Map<String, String> parameters) {
    return HttpRequest.newBuilder(endpoint.resolve("/")).timeout(Duration.ofSeconds(30))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(accessKey.signed("POST", action, parameters))).build();
  }

  private static Duration longer(Duration pause) {
    var twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private static boolean isThrottled(HttpResponse<String> response) {
    return response.statusCode() == 400 && response.body().contains("\"Throttling.User\"");
  }

  /** It came too late to where it is decided, since the service is busy or was away. */
  private static boolean isExpired(HttpResponse<String> response) {
    return response.body().contains("\"" + ErrorCode.COMMAND_EXPIRED.code() + "\"");
  }

  private JsonNode accepted(String action, String body) {
    try {
      var answer = Wire.JSON.readTree(body);
      if (answer.path("Success").asBoolean(false)) {
        return answer;
      }
      throw new RefusedException("%s: %s: %s".formatted(action, answer.path("Code").asString(""),
          answer.path("Message").asString(body)));
    } catch (JacksonException e) {
      throw new RefusedException(action + ": no JSON from " + endpoint + ": " + e.getOriginalMessage());
    }
  }

  private static RefusedException interrupted(String action) {
    Thread.currentThread().interrupt();
    return new RefusedException(action + ": interrupted");
  }

  /** The call as a URL for {@code curl}, good for 15 minutes. */
  String url(String action, Map<String, String> parameters) {
    return endpoint.resolve("/") + "?" + accessKey.signed("GET", action, parameters);
  }

  /** Fills in the upload form that GenerateOTAUploadURL gave. */
  public void upload(JsonNode form, byte[] file) {
    var boundary = "otaverify-" + UUID.randomUUID();
    var head = new StringBuilder();
    for (var field : Map.of("key", "Key", "policy", "Policy", "OSSAccessKeyId", "OSSAccessKeyId", "Signature",
        "Signature").entrySet()) {
      head.append("--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n".formatted(boundary,
          field.getKey(), form.path(field.getValue()).asString()));
    }
    var fileHead = "Content-Disposition: form-data; name=\"file\"; filename=\"firmware.bin\"";
    head.append("--%s\r\n%s\r\nContent-Type: application/octet-stream\r\n\r\n".formatted(boundary, fileHead));
    var request = HttpRequest.newBuilder(URI.create(form.path("Host").asString())).timeout(Duration.ofMinutes(5))
        .header("Content-Type", "multipart/form-data; boundary=" + boundary)
        .POST(BodyPublishers.concat(BodyPublishers.ofString(head.toString()), BodyPublishers.ofByteArray(file),
            BodyPublishers.ofString("\r\n--" + boundary + "--\r\n")))
        .build();
    try {
      var response = http.send(request, BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new RefusedException("upload: HTTP " + response.statusCode() + ": " + response.body());
      }
    } catch (IOException e) {
      throw new RefusedException("upload: " + e);
    } catch (InterruptedException e) {
      throw interrupted("upload");
    }
  }
}
