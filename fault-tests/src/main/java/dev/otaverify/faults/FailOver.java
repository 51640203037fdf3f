// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults;

import dev.otaverify.faults.history.History;
import dev.otaverify.faults.load.Load;
import dev.otaverify.faults.stack.Cluster;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How long the death of one part is noticed: after its {@code kill -9} a verification is begun on each of many devices, whose keys
 * are spread over all partitions, and it is measured when the last of them is answered as verified. Of what there are several, the
 * one that was killed stays away; PostgreSQL and the MQTT broker are started again at once.
 */
final class FailOver {
  private static final int DEVICES = 24;
  private static final Pattern NUMBERED = Pattern.compile(".*-\\d");
  private static final Duration START = Duration.ofMinutes(3);

  private final Cluster.Shape shape;
  private final int rounds;
  private final Path dir;
  private final PrintStream out;

  FailOver(Cluster.Shape shape, int rounds, Path dir, PrintStream out) {
    this.shape = shape;
    this.rounds = rounds;
    this.dir = dir;
    this.out = out;
  }

  /** Measures and prints a table. */
  void run() throws InterruptedException {
    out.printf("starting %d Kafka and %d of each service%n", shape.brokers(), shape.instances());
    try (var cluster = Cluster.start(shape, dir);
        var load = new Load(cluster, new History(), new Load.Amount(0, 0, 0, 120, 1))) {
      load.start();
      load.devices(DEVICES);
      load.verifyOnEach();
      out.printf("%d verifications, begun at once after the kill; seconds until the last is answered as verified%n%n",
          DEVICES);
      out.printf("%-22s %8s %8s   %s%n", "killed", "median", "most", "of");
      line("nothing", measured(load, () -> {}, () -> {}));
      for (var node : cluster.nodes().values()) {
        boolean single = !NUMBERED.matcher(node.name()).matches();
        if (single || node.name().endsWith("-2")) {
          line(node.name(), measured(load, () -> {
            node.kill();
            if (single) {
              node.start();
            }
          }, () -> {
            node.start();
            node.awaitReady(START);
            settle(cluster);
          }));
        }
      }
    }
  }

  /** Partitions that still move would be measured with the next kill. */
  private static void settle(Cluster cluster) throws InterruptedException {
    for (var service : Cluster.STATEFUL) {
      cluster.awaitAllPartitions(service, START);
    }
  }

  /** Something that takes its time. */
  @FunctionalInterface
  private interface Step {
    void run() throws InterruptedException;
  }

  private List<Double> measured(Load load, Step kill, Step mend) throws InterruptedException {
    var seconds = new ArrayList<Double>();
    for (int round = 0; round < rounds; round++) {
      kill.run();
      long killed = System.nanoTime();
      load.verifyOnEach();
      seconds.add((System.nanoTime() - killed) / 1e9);
      mend.run();
    }
    return seconds;
  }

  private void line(String name, List<Double> seconds) {
    var sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    out.printf("%-22s %8.1f %8.1f   %d%n", name, sorted.get(sorted.size() / 2), sorted.getLast(), sorted.size());
  }
}
