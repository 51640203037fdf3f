// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.load;

import dev.otaverify.contracts.Wire;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.history.History.Call;
import dev.otaverify.faults.history.History.Outcome;
import dev.otaverify.localstack.AccessKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Calls the API as a careful client does. While nobody says how a call ended, the same signed request is sent again; what is
 * certainly not done is a refusal.
 */
public final class Client {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(300);

  private final URI endpoint;
  private final AccessKey accessKey;
  private final History history;
  private final AtomicLong unanswered = new AtomicLong();
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(3)).build();
  private volatile boolean giveUp;

  /** Writes every call into the history. */
  public Client(URI endpoint, AccessKey accessKey, History history) {
    this.endpoint = endpoint;
    this.accessKey = accessKey;
    this.history = history;
  }

  /** What is not answered by now stays unresolved. */
  public void giveUp() {
    giveUp = true;
  }

  /** How many requests got no answer, or one that says so. */
  public long unanswered() {
    return unanswered.get();
  }

  private record Answer(int status, JsonNode body) {
    boolean isDone() {
      return status == 200 && body.path("Success").asBoolean(false);
    }

    String code() {
      return body.path("Code").asString("");
    }
  }

  /** A call that may change something: its history is from its first request to the answer. */
  public Call write(String action, Map<String, String> parameters) throws InterruptedException {
    var request = request(action, parameters);
    var begun = Instant.now();
    for (int attempts = 1;; attempts++) {
      @Nullable
      Answer answer = send(request);
      if (answer == null || giveUp) {
        unanswered.incrementAndGet();
        if (giveUp) {
          return told(new Call(action, parameters, begun, Instant.now(), attempts, Outcome.UNRESOLVED, "", none()));
        }
        Thread.sleep(PAUSE);
        continue;
      }
      return told(new Call(action, parameters, begun, Instant.now(), attempts,
          answer.isDone() ? Outcome.DONE : Outcome.REFUSED, answer.isDone() ? "" : answer.code(), answer.body()));
    }
  }

  /** A question: each try is one of its own, and only the one that is answered counts. */
  public Call read(String action, Map<String, String> parameters) throws InterruptedException {
    while (true) {
      var begun = Instant.now();
      @Nullable
      Answer answer = send(request(action, parameters));
      if (answer != null || giveUp) {
        var outcome = answer == null ? Outcome.UNRESOLVED : answer.isDone() ? Outcome.DONE : Outcome.REFUSED;
        var code = outcome == Outcome.REFUSED && answer != null ? answer.code() : "";
        return told(new Call(action, parameters, begun, Instant.now(), 1, outcome, code,
            answer == null ? none() : answer.body()));
      }
      unanswered.incrementAndGet();
      Thread.sleep(PAUSE);
    }
  }

  private Call told(Call call) {
    history.add(call);
    return call;
  }

  private static JsonNode none() {
    return JsonNodeFactory.instance.objectNode();
  }

  private HttpRequest request(String action, Map<String, String> parameters) {
    return HttpRequest.newBuilder(endpoint.resolve("/")).timeout(PATIENCE)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(accessKey.signed("POST", action, parameters))).build();
  }

  /** Null: there is no answer, or one that says that there is none. */
  private @Nullable Answer send(HttpRequest request) throws InterruptedException {
    try {
      var response = http.send(request, BodyHandlers.ofString());
      return response.statusCode() >= 500
          ? null
          : new Answer(response.statusCode(), Wire.JSON.readTree(response.body()));
    } catch (IOException | JacksonException e) {
      return null;
    }
  }
}
