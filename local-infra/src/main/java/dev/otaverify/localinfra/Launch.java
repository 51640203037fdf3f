// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localinfra;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What the main classes have in common: options, the one line on standard output, a clean end on SIGTERM. */
final class Launch {

  private final Map<String, String> options;

  private Launch(Map<String, String> options) {
    this.options = options;
  }

  record Running(String address, AutoCloseable server) {}

  static Launch of(String[] args, String... known) {
    // Before the first logger: without a configuration Logback prints everything there is.
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "dev/otaverify/localinfra/logback.xml");
    }
    var options = new HashMap<String, String>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
    }
    if (args.length % 2 != 0 || !List.of(known).containsAll(options.keySet()) || !options.containsKey("dir")) {
      throw new IllegalArgumentException(
          "arguments: " + String.join(" ", args) + " (expected: --dir DIR and of " + String.join(", ", known) + ")");
    }
    return new Launch(options);
  }

  Path dir() {
    return Path.of(options.getOrDefault("dir", ""));
  }

  int port() {
    return Integer.parseInt(options.getOrDefault("port", "0"));
  }

  @Nullable
  String get(String option) {
    return options.get(option);
  }

  /** Never returns; the JVM ends by a signal. */
  void run(String name, Supplier<Running> start) throws InterruptedException {
    Running running = start.get();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        running.server().close();
      } catch (Exception e) {
        LoggerFactory.getLogger(Launch.class).atError().setCause(e).log("Not stopped cleanly");
      }
    }, "stop-" + name));
    System.out.println("ready " + name + " " + running.address());
    new CountDownLatch(1).await();
  }
}
