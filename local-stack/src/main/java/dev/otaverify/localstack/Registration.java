// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a product has the devices of a fleet. They are brought with {@code ImportDevice}, which an account may
 * call more often than {@code RegisterDevice}; one that is there already, with a secret that is not known here, keeps it.
 */
final class Registration {
  private static final int AT_ONCE = 16;
  private static final int SECRET_BYTES = 16;
  private static final int REPORTED = 1000;

  private final OtaCalls calls;
  private final KnownDevices known;
  private final PrintStream out;
  private final SecureRandom random = new SecureRandom();

  Registration(OtaCalls calls, KnownDevices known, PrintStream out) {
    this.calls = calls;
    this.known = known;
    this.out = out;
  }

  /**
   * The product that is asked for, else that of the last run, else a new one.
   *
   * @throws ApiClient.RefusedException if the one that is asked for does not exist
   */
  String product(@Nullable String asked) {
    if (asked != null) {
      calls.call("QueryProduct", Map.of("ProductKey", asked));
      return asked;
    }
    return known.lastProduct().filter(this::exists)
        .orElseGet(() -> calls.createProduct("simulated_" + Long.toString(System.currentTimeMillis(), 36)));
  }

  private boolean exists(String productKey) {
    try {
      calls.call("QueryProduct", Map.of("ProductKey", productKey));
      return true;
    } catch (ApiClient.RefusedException e) {
      if (String.valueOf(e.getMessage()).contains("iot.prod.NotExistedProduct")) {
        return false;
      }
      throw e;
    }
  }

  /** The secrets of so many devices of the product by their names, {@code sim-00001} and on. */
  Map<String, String> devices(String productKey, int count) throws InterruptedException {
    var names = IntStream.rangeClosed(1, count).mapToObj("sim-%05d"::formatted).toList();
    var missing = names.stream().filter(name -> known.secret(productKey, name).isEmpty()).toList();
    if (!missing.isEmpty()) {
      out.println("Registering " + missing.size() + " of " + count + " devices …");
      register(productKey, missing);
    }
    var secrets = new LinkedHashMap<String, String>();
    names.forEach(name -> secrets.put(name, known.secret(productKey, name).orElseThrow()));
    return secrets;
  }

  private void register(String productKey, List<String> names) throws InterruptedException {
    try (var threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      var results = names.stream().<Callable<Void>>map(name -> () -> {
        known.add(productKey, name, register(productKey, name));
        return null;
      }).map(threads::submit).toList();
      int done = 0;
      for (var result : results) {
        try {
          result.get();
          if (++done % REPORTED == 0) {
            out.println("  " + done + " of " + names.size());
          }
        } catch (ExecutionException e) {
          threads.shutdownNow();
          throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        } catch (InterruptedException e) {
          threads.shutdownNow();
          throw e;
        }
      }
    }
  }

  private String register(String productKey, String name) {
    var bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    var secret = HexFormat.of().formatHex(bytes);
    try {
      calls.call("ImportDevice", Map.of("ProductKey", productKey, "DeviceName", name, "DeviceSecret", secret));
      return secret;
    } catch (ApiClient.RefusedException e) {
      if (!String.valueOf(e.getMessage()).contains("iot.device.AlreadyExistedDeviceName")) {
        throw e;
      }
    }
    return calls.call("QueryDeviceInfo", Map.of("ProductKey", productKey, "DeviceName", name)).path("Data")
        .path("DeviceSecret").asString();
  }
}
