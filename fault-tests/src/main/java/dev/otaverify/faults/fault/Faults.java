// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.fault;

import dev.otaverify.contracts.Topics;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.load.FieldDevice;
import dev.otaverify.faults.load.Load;
import dev.otaverify.faults.stack.Cluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;

/**
 * Breaks the stack at seeded random moments, and mends it. All kinds come in turn, shuffled anew each time, so that a run of some
 * length has every kind. What is broken already is not broken again before it is mended.
 */
public final class Faults {
  private static final Duration SERVES_AGAIN = Duration.ofSeconds(90);

  private final Cluster cluster;
  private final Load load;
  private final History history;
  private final Random random;
  private final Consumer<String> log;
  private final List<FaultKind> kinds;
  private final List<FaultKind> next = new ArrayList<>();
  private final Set<String> broken = new HashSet<>();
  private final Map<FaultKind, Integer> done = new EnumMap<>(FaultKind.class);
  private final List<Thread> mending = new ArrayList<>();

  /**
   * Nothing is broken yet.
   *
   * @param log told of each fault, for people
   */
  public Faults(Cluster cluster, Load load, History history, Set<FaultKind> kinds, long seed, Consumer<String> log) {
    this.cluster = cluster;
    this.load = load;
    this.history = history;
    this.random = new Random(seed);
    this.log = log;
    this.kinds = kinds.stream().filter(this::isPossible).toList();
  }

  /** Whether this machine can do it. */
  private boolean isPossible(FaultKind kind) {
    return switch (kind) {
      case DISK_FULL -> cluster.postgres().canBeFull();
      case LEADER_LOST -> cluster.shape().brokers() > 1;
      case SECOND_OWNER -> cluster.shape().instances() > 1;
      default -> true;
    };
  }

  /** How often each was done. */
  public Map<FaultKind, Integer> done() {
    return Map.copyOf(done);
  }

  /** Breaks something at random moments until the time is over, then waits until all is mended. */
  public void run(Duration duration, Duration meanPause) throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      Thread.sleep(meanPause.toMillis() / 2 + random.nextLong(meanPause.toMillis()));
      if (System.nanoTime() < end) {
        breakNext();
      }
    }
    mend();
  }

  private void mend() throws InterruptedException {
    for (var thread : List.copyOf(mending)) {
      thread.join();
    }
    cluster.links().values().forEach(link -> link.restore());
  }

  private void breakNext() {
    if (next.isEmpty()) {
      // Services are most of the parts.
      next.addAll(kinds);
      if (kinds.contains(FaultKind.KILL_SERVICE)) {
        next.addAll(List.of(FaultKind.KILL_SERVICE, FaultKind.KILL_SERVICE));
      }
      Collections.shuffle(next, random);
    }
    var kind = next.removeLast();
    switch (kind) {
      case KILL_SERVICE -> kill(kind, any(services(Cluster.STATEFUL, "api-gateway")));
      case KILL_KAFKA -> killKafka(kind);
      case KILL_POSTGRES -> kill(kind, "postgres");
      case KILL_MQTT_BROKER -> kill(kind, "mqtt-broker");
      case FREEZE -> freeze(kind, any(List.copyOf(cluster.nodes().keySet())), 1_000 + random.nextInt(4_000));
      case SECOND_OWNER -> freeze(kind, any(services(Cluster.STATEFUL)), 8_000 + random.nextInt(4_000));
      case CUT -> spoil(kind, Duration.ZERO);
      case SLOW -> spoil(kind, Duration.ofMillis(20 + random.nextInt(200)));
      case DISK_FULL -> fillDisk(kind);
      case LEADER_LOST -> loseLeader(kind);
      case CLOCK_STEP -> moveClock(kind);
      case DEVICE_STORM -> storm(kind);
      case POISON -> poison(kind);
    }
  }

  private List<String> services(List<String> names, String... more) {
    var of = new ArrayList<>(names);
    of.addAll(List.of(more));
    return cluster.nodes().keySet().stream().filter(node -> of.stream().anyMatch(node::startsWith)).toList();
  }

  private String any(List<String> among) {
    return among.get(random.nextInt(among.size()));
  }

  /** A fault: broken now, mended on a thread of its own. */
  @FunctionalInterface
  private interface Mending {
    void run() throws InterruptedException;
  }

  private void during(FaultKind kind, String target, String how, Mending work) {
    synchronized (broken) {
      if (!broken.add(target)) {
        return;
      }
    }
    done.merge(kind, 1, Integer::sum);
    log.accept(target + ": " + kind.text() + how);
    mending.add(Thread.ofVirtual().name("fault-" + target).start(() -> {
      try {
        work.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        log.accept(target + ": not mended: " + e.getMessage());
      } finally {
        synchronized (broken) {
          broken.remove(target);
        }
      }
    }));
  }

  private void kill(FaultKind kind, String name) {
    int away = random.nextInt(3_000);
    during(kind, name, ", away for " + away + " ms", () -> {
      var node = cluster.node(name);
      node.kill();
      Thread.sleep(away);
      node.start();
      node.awaitReady(SERVES_AGAIN);
    });
  }

  /** One at a time: what is acknowledged by two may be lost with two. */
  private void killKafka(FaultKind kind) {
    var brokers = services(List.of("kafka-"));
    var one = any(brokers);
    boolean alone;
    synchronized (broken) {
      alone = broken.stream().noneMatch(brokers::contains);
    }
    kill(kind, alone ? one : broken(brokers));
  }

  private String broken(List<String> among) {
    synchronized (broken) {
      return among.stream().filter(broken::contains).findFirst().orElse(among.getFirst());
    }
  }

  private void freeze(FaultKind kind, String name, int millis) {
    during(kind, name, ", for " + millis + " ms", () -> {
      var node = cluster.node(name);
      node.freeze();
      Thread.sleep(millis);
      node.thaw();
    });
  }

  private void spoil(FaultKind kind, Duration latency) {
    var name = any(List.copyOf(cluster.links().keySet()));
    int millis = 2_000 + random.nextInt(6_000);
    during(kind, "network " + name,
        (latency.isZero() ? "" : " by " + latency.toMillis() + " ms") + ", for " + millis + " ms", () -> {
          var link = cluster.link(name);
          if (latency.isZero()) {
            link.cut();
          } else {
            link.slow(latency);
          }
          Thread.sleep(millis);
          link.restore();
        });
  }

  private void fillDisk(FaultKind kind) {
    int millis = 2_000 + random.nextInt(4_000);
    boolean needsMore = random.nextBoolean();
    during(kind, "postgres", ", for " + millis + " ms" + (needsMore ? ", while its log needs a new file" : ""), () -> {
      var postgres = cluster.postgres();
      postgres.fill();
      if (needsMore) {
        postgres.switchLog();
      }
      Thread.sleep(millis);
      postgres.empty();
      try {
        postgres.awaitReady(Duration.ofSeconds(8));
      } catch (IllegalStateException panicked) {
        // Without room for its log it gives up, and somebody starts it again.
        postgres.kill();
        postgres.start();
        postgres.awaitReady(SERVES_AGAIN);
      }
    });
  }

  private void loseLeader(FaultKind kind) {
    int partition = random.nextInt(Topics.PARTITIONS);
    var topic = any(List.of(Topics.COMMANDS, Topics.DEVICE_INPUTS, Topics.FIRMWARE_EVENTS));
    int millis = 3_000 + random.nextInt(6_000);
    int leader = leader(topic, partition);
    if (leader < 1) {
      return;
    }
    during(kind, "network brokers-kafka-" + leader, ", for " + millis + " ms (" + topic + "-" + partition + ")", () -> {
      var link = cluster.link("brokers-kafka-" + leader);
      link.cut();
      Thread.sleep(millis);
      link.restore();
    });
  }

  /** 0: nobody knows. */
  private int leader(String topic, int partition) {
    try (var admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
      var described = admin.describeTopics(List.of(topic)).allTopicNames().get(5, TimeUnit.SECONDS).get(topic);
      return described == null ? 0 : described.partitions().get(partition).leader().id();
    } catch (ExecutionException | TimeoutException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void moveClock(FaultKind kind) {
    var name = any(cluster.clocks());
    int seconds = (1 + random.nextInt(120)) * (random.nextBoolean() ? 1 : -1);
    int millis = 5_000 + random.nextInt(10_000);
    during(kind, "clock of " + name, " by " + seconds + " s, for " + millis + " ms", () -> {
      cluster.moveClock(name, Duration.ofSeconds(seconds));
      Thread.sleep(millis);
      cluster.moveClock(name, Duration.ZERO);
    });
  }

  private void storm(FaultKind kind) {
    long seed = random.nextLong();
    during(kind, "devices", "", () -> {
      var shuffling = new Random(seed);
      for (FieldDevice device : load.devices()) {
        if (shuffling.nextInt(3) == 0) {
          device.repeatInAnyOrder(shuffling);
        }
      }
    });
  }

  private void poison(FaultKind kind) {
    long seed = random.nextLong();
    during(kind, "topics", "", () -> UnreadableRecords.send(cluster, history, new Random(seed)));
  }
}
