// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The secrets of devices, asked of job-service, about a few devices at a time. An answer is used again for a second, so that
 * a device that reconnects in a loop does not become a load there; and for as long as job-service cannot be asked, so that
 * devices come back while it is down. A device that was never known is never let in.
 */
final class Credentials implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Credentials.class);
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  /** So long after it did not answer, it is not asked about devices that are known. */
  private static final Duration REST = Duration.ofSeconds(1);
  /** Lookups beside each other: when thousands of devices come back at once, they wait here and not in job-service. */
  private static final int LOOKUPS = 16;
  private static final int CACHED = 50_000;

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT)
      .build();
  private final String devicesUrl;
  private final String authorization;
  private final LongSupplier nanoTime;
  private final ExecutorService lookups = Executors.newFixedThreadPool(LOOKUPS,
      Thread.ofPlatform().daemon().name("ota-credentials-", 0).factory());
  private final Seldom warnings = new Seldom(System::nanoTime);
  private volatile long restUntilNanos;
  private final Map<DeviceId, Known> cache = new LinkedHashMap<>(16, 0.75f, true) {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<DeviceId, Known> eldest) {
      return size() > CACHED;
    }
  };

  Credentials(URI jobService, String internalToken, LongSupplier nanoTime) {
    var base = jobService.toString();
    this.devicesUrl = (base.endsWith("/") ? base : base + "/") + "internal/devices/";
    this.authorization = "Bearer " + internalToken;
    this.nanoTime = nanoTime;
    this.restUntilNanos = nanoTime.getAsLong();
  }

  /** What is known of a device that exists. */
  record Credential(String deviceSecret, boolean enabled) {
    @Override
    public String toString() {
      return "Credential[enabled=" + enabled + "]";
    }
  }

  private record Known(Credential credential, long sinceNanos) {}

  private final Map<DeviceId, Long> revoked = new LinkedHashMap<>() {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<DeviceId, Long> eldest) {
      return size() > CACHED;
    }
  };

  /** The device may no longer log in: what is known of it is no use any more, also if job-service cannot be asked. */
  void revoke(DeviceId device) {
    synchronized (cache) {
      cache.remove(device);
      revoked.remove(device);
      revoked.put(device, nanoTime.getAsLong());
    }
  }

  /** Whether {@link #revoke} came for the device after this time, of {@code nanoTime}. */
  boolean isRevokedSince(DeviceId device, long nanos) {
    synchronized (cache) {
      @Nullable
      Long at = revoked.get(device);
      return at != null && at - nanos >= 0;
    }
  }

  /**
   * The device's credential; empty if there is no such device.
   *
   * @return fails if job-service cannot be asked and the device is not known here
   */
  CompletableFuture<Optional<Credential>> find(DeviceId device) {
    var remembered = remembered(device);
    if (remembered.isPresent()) {
      return CompletableFuture.completedFuture(remembered);
    }
    try {
      // Somebody may have asked while this waited for its turn.
      return CompletableFuture.supplyAsync(() -> remembered(device).or(() -> ask(device)), lookups);
    } catch (RejectedExecutionException closed) {
      return CompletableFuture.failedFuture(closed);
    }
  }

  /** What is known of the device, if that is fresh, or if job-service did not answer just now. */
  private Optional<Credential> remembered(DeviceId device) {
    long now = nanoTime.getAsLong();
    @Nullable
    Known known = known(device);
    return known != null && (now - known.sinceNanos() < FRESH.toNanos() || now - restUntilNanos < 0)
        ? Optional.of(known.credential())
        : Optional.empty();
  }

  private Optional<Credential> ask(DeviceId device) {
    long asked = nanoTime.getAsLong();
    // Every character that a product key or device name may have may stand in a path.
    var request = HttpRequest
        .newBuilder(URI.create(devicesUrl + device.productKey() + "/" + device.deviceName() + "/credentials"))
        .timeout(TIMEOUT).header("Authorization", authorization).header("Accept", "application/json").build();
    try {
      return read(device, http.send(request, HttpResponse.BodyHandlers.ofByteArray()), asked);
    } catch (IOException | IllegalStateException e) {
      restUntilNanos = nanoTime.getAsLong() + REST.toNanos();
      return lastKnown(device, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return lastKnown(device, e);
    }
  }

  private Optional<Credential> lastKnown(DeviceId device, Exception failure) {
    @Nullable
    Known last = known(device);
    warnings.warn(log).addKeyValue("device", device).addKeyValue("known", last != null)
        .addKeyValue("reason", failure.toString()).log("job-service cannot be asked for a device's credentials");
    if (last == null) {
      throw new IllegalStateException("credentials of " + device + ": job-service cannot be asked", failure);
    }
    return Optional.of(last.credential());
  }

  private Optional<Credential> read(DeviceId device, HttpResponse<byte[]> response, long asked) {
    return switch (response.statusCode()) {
      case 200 -> {
        var credential = parse(response.body());
        synchronized (cache) {
          // What was asked for before is older than the revocation.
          if (!isRevokedSince(device, asked)) {
            cache.put(device, new Known(credential, nanoTime.getAsLong()));
          }
        }
        yield Optional.of(credential);
      }
      case 404 -> {
        synchronized (cache) {
          cache.remove(device);
        }
        yield Optional.empty();
      }
      default -> throw new IllegalStateException("status: " + response.statusCode() + " (expected: 200 or 404)");
    };
  }

  private static Credential parse(byte[] body) {
    try {
      var json = Wire.JSON.readTree(body);
      var secret = json.path("deviceSecret");
      var enabled = json.path("enabled");
      if (secret.isString() && !secret.stringValue().isEmpty() && enabled.isBoolean()) {
        return new Credential(secret.stringValue(), enabled.booleanValue());
      }
    } catch (JacksonException e) {
      // Its message may quote the body, which holds the secret.
    }
    throw new IllegalStateException("body: unreadable (expected: JSON with deviceSecret and enabled)");
  }

  private @Nullable Known known(DeviceId device) {
    synchronized (cache) {
      return cache.get(device);
    }
  }

  @Override
  public void close() {
    lookups.shutdownNow();
    http.shutdownNow();
  }
}
