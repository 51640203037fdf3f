// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.otaverify.simulator.Fleet;
import dev.otaverify.simulator.Shares;
import dev.otaverify.simulator.Signing;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code ./ota devices}: a fleet of simulated devices on a stack, and verifications on it if they are asked for. */
final class Devices {
  /** Files, pipes and libraries of a JVM, and downloads. */
  private static final int OTHER_FILES = 500;
  /** While no further device reports its version in this time, none is expected to. */
  private static final Duration STANDSTILL = Duration.ofSeconds(60);
  private static final Duration LEAVING = Duration.ofSeconds(20);

  private final OtaCalls calls;
  private final KnownDevices known;
  private final Target target;
  private final Plan plan;
  private final PrintStream out;
  private final AtomicReference<@Nullable Thread> runner = new AtomicReference<>();
  private final CountDownLatch finished = new CountDownLatch(1);

  /**
   * Where the devices go.
   *
   * @param productKey null for that of the last run, or a new one
   */
  record Target(String mqttHost, int mqttPort, @Nullable String productKey) {}

  /**
   * What they are, and for how long.
   *
   * @param slowness how long an upgrade of a slow one takes
   * @param connectRate devices that connect in a second, at the most
   * @param duration null for until it is stopped
   * @param verifications none: only the devices
   */
  record Plan(int count, Shares shares, long seed, Duration pause, Duration slowness, int qos, Signing signing,
      boolean subscribing, int connectRate, @Nullable Duration duration, Optional<Verifications.Plan> verifications,
      boolean terminal) {
    Plan {
      if (count < 1 || count > 50_000) {
        throw new IllegalArgumentException("--count: " + count + " (expected: 1 to 50000)");
      }
      if (connectRate < 1) {
        throw new IllegalArgumentException("--connect-rate: " + connectRate + " (expected: 1 or more)");
      }
      if (qos != 0 && qos != 1) {
        throw new IllegalArgumentException("--qos: " + qos + " (expected: 0 or 1)");
      }
      if (verifications.isPresent() && duration != null) {
        throw new IllegalArgumentException("--duration: " + duration + " (expected: none with --jobs, which end it)");
      }
      if (verifications.isPresent() && slowness.compareTo(verifications.get().timeout()) >= 0) {
        throw new IllegalArgumentException("--slow: " + slowness + " (expected: less than --timeout, "
            + verifications.get().timeout() + ", or a slow device fails)");
      }
    }
  }

  Devices(OtaCalls calls, KnownDevices known, Target target, Plan plan, PrintStream out) {
    this.calls = calls;
    this.known = known;
    this.target = target;
    this.plan = plan;
    this.out = out;
  }

  /** Runs it to its end, or until it is stopped; says whether all came on line and every verdict was right. */
  boolean run() {
    runner.set(Thread.currentThread());
    try {
      return runUnlessStopped();
    } catch (InterruptedException e) {
      out.println("Stopped.");
      return plan.verifications().isEmpty();
    } finally {
      runner.set(null);
      finished.countDown();
    }
  }

  /** Ends the run from another thread; returns when it has said what there is to say. */
  void stop() throws InterruptedException {
    @Nullable
    Thread running = runner.get();
    if (running != null) {
      running.interrupt();
      finished.await(LEAVING.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private boolean runUnlessStopped() throws InterruptedException {
    checkOpenFiles();
    var registration = new Registration(calls, known, out);
    var productKey = registration.product(target.productKey());
    var secrets = registration.devices(productKey, plan.count());
    var behaviours = plan.shares().deal(plan.count(), plan.seed());
    var members = new ArrayList<Verifications.Member>();
    secrets.keySet().forEach(name -> members.add(new Verifications.Member(name, behaviours.get(members.size()))));
    var verifications = plan.verifications()
        .map(jobs -> new Verifications(calls, productKey, members, jobs));
    out.printf("Product %s: %d devices at %s:%d%n", productKey, plan.count(), target.mqttHost(), target.mqttPort());
    try (var fleet = new Fleet(members.stream()
        .map(member -> device(productKey, member, secrets.getOrDefault(member.name(), ""))).toList())) {
      return run(fleet, verifications);
    }
  }

  private boolean run(Fleet fleet, Optional<Verifications> verifications) throws InterruptedException {
    long begun = System.nanoTime();
    Optional<Verifications.Report> report = Optional.empty();
    String connected = "not all";
    try (var view = new FleetView(out, plan.terminal(), fleet::counts,
        () -> verifications.map(Verifications::progress).orElse(""))) {
      view.start();
      fleet.start(plan.connectRate());
      if (!awaitInformed(fleet)) {
        out.printf("%d of %d devices did not come on line: %s%n", plan.count() - fleet.counts().informed(),
            plan.count(), fleet.lastRefusal().isEmpty() ? "no answer" : fleet.lastRefusal());
        return false;
      }
      connected = "%.1f s".formatted((System.nanoTime() - begun) / 1e9);
      if (verifications.isPresent()) {
        report = Optional.of(verifications.get().run());
      } else if (plan.duration() != null) {
        Thread.sleep(plan.duration());
      } else {
        new CountDownLatch(1).await();
      }
    } finally {
      out.println();
      report.ifPresent(one -> one.print(out));
      out.println("From a push to its end, on the devices: " + fleet.upgrades().summary());
      out.println("Time to connect all: " + connected);
      out.println("Memory of this process: " + memory());
    }
    return report.map(Verifications.Report::allRight).orElse(true);
  }

  private SimulatedDevice.Builder device(String productKey, Verifications.Member member, String secret) {
    return SimulatedDevice.builder(target.mqttHost(), target.mqttPort(), productKey, member.name(), secret)
        .behaviour(member.behaviour()).pause(plan.pause()).slowness(plan.slowness()).signing(plan.signing())
        .implicitSubscriptions(!plan.subscribing()).acknowledgedReports(plan.qos() == 1);
  }

  private boolean awaitInformed(Fleet fleet) throws InterruptedException {
    int before = -1;
    long since = System.nanoTime();
    for (int now = fleet.counts().informed(); now < plan.count(); now = fleet.counts().informed()) {
      if (now != before) {
        before = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > STANDSTILL.toNanos()) {
        return false;
      }
      Thread.sleep(100);
    }
    return true;
  }

  /** Each device is a socket, here and in the broker. */
  private void checkOpenFiles() {
    long needed = (long) plan.count() + OTHER_FILES;
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        && system.getMaxFileDescriptorCount() < needed) {
      throw new IllegalStateException(
          "open files: at most %d (expected: %d for %d devices; raise it with ulimit -n, for the broker as well)"
              .formatted(system.getMaxFileDescriptorCount(), needed, plan.count()));
    }
  }

  private static String memory() {
    return (StatusReport.memory(ProcessHandle.current()) >> 20) + " MiB resident, heap of at most "
        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB";
  }
}
