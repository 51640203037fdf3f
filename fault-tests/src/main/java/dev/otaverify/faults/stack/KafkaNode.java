// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.stack;

import dev.otaverify.localinfra.LocalKafka;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** One broker of several as a process: {@code --dir DIR --cluster ID --PROPERTY VALUE …}. Runs until SIGTERM. */
public final class KafkaNode {
  private KafkaNode() {}

  /** See above. */
  public static void main(String[] args) throws InterruptedException {
    var options = new HashMap<String, String>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.put(args[i].substring(2), args[i + 1]);
    }
    var config = LocalKafka.Config.in(Path.of(taken(options, "dir"))).ofCluster(taken(options, "cluster"));
    for (var property : options.entrySet()) {
      config = config.with(property.getKey(), property.getValue());
    }
    var kafka = LocalKafka.start(config);
    Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "stop-kafka"));
    System.out.println("ready");
    new CountDownLatch(1).await();
  }

  private static String taken(Map<String, String> options, String name) {
    var value = options.remove(name);
    if (value == null) {
      throw new IllegalArgumentException("--" + name + ": missing (expected: a value)");
    }
    return value;
  }
}
