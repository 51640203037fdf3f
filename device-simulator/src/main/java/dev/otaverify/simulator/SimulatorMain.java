// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Runs one device until the process is told to end, and prints what happens:
 * {@code --broker host:port --product-key … --device-name … --device-secret … [--version 1.0.0] [--behaviour ok]}. The
 * secret may come from the environment variable {@code OTA_DEVICE_SECRET} instead, where other users do not see it.
 */
public final class SimulatorMain {
  private SimulatorMain() {}

  /** See above. */
  public static void main(String[] args) throws InterruptedException {
    SimulatedDevice.Builder builder;
    try {
      builder = read(args, System.getenv());
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    var running = builder.onHappening(
        happening -> System.out.println((happening.at() + " " + happening.kind() + " " + happening.detail()).strip()))
        .start();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("device-stop").unstarted(running::close));
    new CountDownLatch(1).await();
  }

  static SimulatedDevice.Builder read(String[] args, Map<String, String> environment) {
    var options = new HashMap<String, String>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
    if (args.length % 2 != 0) {
      throw new IllegalArgumentException(args[args.length - 1] + ": no value (expected: --name value …)");
    }
    var broker = required(options, "--broker");
    int colon = broker.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("--broker: " + broker + " (expected: host:port)");
    }
    @Nullable
    String secret = options.getOrDefault("--device-secret", environment.get("OTA_DEVICE_SECRET"));
    if (secret == null) {
      throw new IllegalArgumentException("--device-secret: missing (expected: it, or OTA_DEVICE_SECRET)");
    }
    return SimulatedDevice
        .builder(broker.substring(0, colon), Integer.parseInt(broker.substring(colon + 1)),
            required(options, "--product-key"), required(options, "--device-name"), secret)
        .version(options.getOrDefault("--version", "1.0.0"))
        .behaviour(Behaviour.of(options.getOrDefault("--behaviour", "ok")));
  }

  private static String required(Map<String, String> options, String name) {
    @Nullable
    String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + ": missing (expected: a value)");
    }
    return value;
  }
}
