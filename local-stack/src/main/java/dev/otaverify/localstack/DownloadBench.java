// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.kit.DownloadLinks;
import dev.otaverify.simulator.SimulatedDevice;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * What many slow downloads cost those who do something else: verifications are created and firmware is queried at a fixed
 * rate, whatever the answers take (so that a slow answer delays no other), first alone, then beside the downloads, then both
 * again. Everything is on this machine: the load's own work is in the figures. The gateway is a process of its own, so that
 * its memory can be told.
 */
final class DownloadBench {
  private static final int DEVICES = 40;
  private static final Duration CREATE_EVERY = Duration.ofMillis(250);
  private static final Duration QUERY_EVERY = Duration.ofMillis(60);
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration QUIET = Duration.ofSeconds(25);
  private static final Duration SAMPLE_EVERY = Duration.ofMillis(500);

  private final Settings settings;
  private final ApiClient api;
  private final Plan plan;
  private final PrintStream out;
  private final AtomicInteger jobs = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final List<String> running = new ArrayList<>();

  /** @param bytesPerSecond of each download */
  record Plan(int downloads, int megabytes, long bytesPerSecond) {
    Plan {
      if (downloads < 1 || downloads > 2_000 || megabytes < 1 || megabytes > 900 || bytesPerSecond < 1_000) {
        throw new IllegalArgumentException("--downloads, --size, --rate: " + downloads + ", " + megabytes + ", "
            + bytesPerSecond + " (expected: 1 to 2000, 1 to 900 MB, 1000 or more bytes a second)");
      }
    }
  }

  /** Latencies of one phase in nanoseconds, and what the gateway took meanwhile. */
  private record Phase(List<Long> creates, List<Long> queries, List<Sample> samples) {}

  /** The gateway at one moment. */
  private record Sample(long memory, long threads) {}

  DownloadBench(Settings settings, ApiClient api, Plan plan, PrintStream out) {
    this.settings = settings;
    this.api = api;
    this.plan = plan;
    this.out = out;
  }

  /** Runs it, and says whether every download came through whole and no call was refused. */
  boolean run() throws InterruptedException {
    var product = api.call("CreateProduct", Map.of("ProductName", "bench", "NodeType", "0")).path("ProductKey")
        .asString();
    var small = upload(64 * 1024);
    var large = upload(plan.megabytes() * 1_000_000);
    var devices = new LinkedHashMap<String, SimulatedDevice>();
    try {
      for (int i = 0; i < DEVICES; i++) {
        var name = "bench-%02d".formatted(i);
        var secret = api.call("RegisterDevice", Map.of("ProductKey", product, "DeviceName", name)).path("Data")
            .path("DeviceSecret").asString();
        devices.put(name, SimulatedDevice.builder("127.0.0.1", settings.port(Part.MQTT_BROKER), product, name, secret)
            .pause(Duration.ofMillis(20)).start());
      }
      for (var device : devices.values()) {
        device.informed().orTimeout(30, TimeUnit.SECONDS).join();
      }
      var names = List.copyOf(devices.keySet());
      out.printf("%d downloads of %d MB at %.1f MB/s each, %.0f jobs and %.0f queries a second beside them; %d cores,"
          + " Java %s%n", plan.downloads(), plan.megabytes(), plan.bytesPerSecond() / 1e6, perSecond(CREATE_EVERY),
          perSecond(QUERY_EVERY), Runtime.getRuntime().availableProcessors(), Runtime.version());
      phase(product, small, names, () -> Thread.sleep(WARM_UP));
      var before = new ArrayList<Phase>();
      var during = new ArrayList<Phase>();
      boolean whole = true;
      for (int round = 0; round < 2; round++) {
        before.add(phase(product, small, names, () -> Thread.sleep(QUIET)));
        var downloads = new Downloads(large);
        during.add(phase(product, small, names, downloads));
        whole &= downloads.report();
      }
      print(before, during);
      return whole && refused.get() == 0;
    } finally {
      devices.values().forEach(SimulatedDevice::close);
    }
  }

  private record File(String url, String key, long crc) {}

  private File upload(int size) {
    var content = new byte[size];
    new Random(size).nextBytes(content);
    var form = api.call("GenerateOTAUploadURL", Map.of()).path("Data");
    api.upload(form, content);
    var crc = new CRC32C();
    crc.update(content);
    return new File(form.path("FirmwareUrl").asString(), form.path("Key").asString(), crc.getValue());
  }

  /** What goes on beside the load, for as long as it takes. */
  private interface Beside {
    void run() throws InterruptedException;
  }

  /** The downloads beside each other, each by its own signed URL as a device gets it. */
  private final class Downloads implements Beside {
    private final File file;
    private final AtomicLong received = new AtomicLong();
    private final AtomicInteger broken = new AtomicInteger();
    private double seconds;

    Downloads(File file) {
      this.file = file;
    }

    @Override
    public void run() throws InterruptedException {
      var links = new DownloadLinks(settings.signingKey());
      long begun = System.nanoTime();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var all = new ArrayList<Future<Long>>();
        for (int i = 0; i < plan.downloads(); i++) {
          var url = URI.create(settings.url(Part.API_GATEWAY)
              + links.path(file.key(), Instant.now().plus(Duration.ofHours(1)).plusSeconds(i)));
          all.add(threads.submit(() -> new SlowDownload(url, plan.bytesPerSecond(), received).run()));
        }
        for (var one : all) {
          try {
            broken.addAndGet(one.get() == file.crc() ? 0 : 1);
          } catch (ExecutionException e) {
            if (broken.getAndIncrement() == 0) {
              out.println("a download failed: " + e.getCause());
            }
          }
        }
      }
      seconds = (System.nanoTime() - begun) / 1e9;
    }

    boolean report() {
      out.printf("downloads: %d of %d whole, %.1f GB in %.1f s (%.0f MB/s together)%n", plan.downloads() - broken.get(),
          plan.downloads(), received.get() / 1e9, seconds, received.get() / 1e6 / seconds);
      return broken.get() == 0;
    }
  }

  /** Creates and queries at their rates for as long as {@code beside} takes. */
  private Phase phase(String product, File file, List<String> names, Beside beside) throws InterruptedException {
    Queue<Long> creates = new ConcurrentLinkedQueue<>();
    Queue<Long> queries = new ConcurrentLinkedQueue<>();
    var samples = new ArrayList<Sample>();
    var gateway = gateway();
    var over = new AtomicBoolean();
    // Closed the other way round: nothing more is begun, then what was begun ends.
    try (var load = Executors.newVirtualThreadPerTaskExecutor();
        var pace = Executors.newVirtualThreadPerTaskExecutor()) {
      pace.execute(
          () -> every(CREATE_EVERY, over, () -> load.execute(counted(() -> create(product, file, names, creates)))));
      pace.execute(() -> every(QUERY_EVERY, over, () -> load.execute(counted(() -> query(queries)))));
      pace.execute(() -> every(SAMPLE_EVERY, over, () -> samples.add(sample(gateway))));
      try {
        beside.run();
      } finally {
        over.set(true);
      }
    }
    return new Phase(sorted(creates), sorted(queries), samples);
  }

  /** A call that is refused has no time to be compared, so the run is no comparison. */
  private Runnable counted(Runnable call) {
    return () -> {
      try {
        call.run();
      } catch (ApiClient.RefusedException e) {
        if (refused.getAndIncrement() == 0) {
          out.println("a call was refused: " + e.getMessage());
        }
      }
    };
  }

  /** Begins something at fixed times, however long it takes. */
  private static void every(Duration period, AtomicBoolean over, Runnable begin) {
    try {
      for (long next = System.nanoTime(); !over.get(); next += period.toNanos()) {
        Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
        begin.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void create(String product, File file, List<String> names, Queue<Long> latencies) {
    int number = jobs.incrementAndGet();
    var firmware = api.call("CreateOTAFirmware", Map.of("ProductKey", product, "FirmwareName", "bench_" + number,
        "DestVersion", "2.0." + number, "FirmwareUrl", file.url())).path("Data").path("FirmwareId").asString();
    latencies.add(timed("CreateOTAVerifyJob", Map.of("ProductKey", product, "FirmwareId", firmware,
        "TargetDeviceName.1", names.get(number % names.size()), "TimeoutInMinutes", "1440")));
    synchronized (running) {
      running.add(firmware);
    }
  }

  private void query(Queue<Long> latencies) {
    String firmware;
    synchronized (running) {
      if (running.isEmpty()) {
        return;
      }
      firmware = running.getLast();
    }
    latencies.add(timed("QueryOTAFirmware", Map.of("FirmwareId", firmware)));
  }

  private long timed(String action, Map<String, String> parameters) {
    long begun = System.nanoTime();
    api.call(action, parameters);
    return System.nanoTime() - begun;
  }

  private ProcessHandle gateway() {
    return new Processes(settings.dir()).running().stream().filter(it -> it.name().equals(Part.API_GATEWAY.id()))
        .findFirst().map(Processes.Running::handle)
        .orElseThrow(() -> new IllegalStateException("api-gateway: not running (expected: a process of its own)"));
  }

  private static Sample sample(ProcessHandle process) {
    return new Sample(StatusReport.memory(process), StatusReport.threads(process));
  }

  private void print(List<Phase> before, List<Phase> during) {
    out.printf("%n%-28s %12s %12s %8s%n", "mean of two rounds", "alone", "beside them", "ratio");
    for (double quantile : new double[]{0.5, 0.9, 0.99}) {
      row("create p%.0f, ms".formatted(quantile * 100), milliseconds(before, quantile, true),
          milliseconds(during, quantile, true));
      row("query p%.0f, ms".formatted(quantile * 100), milliseconds(before, quantile, false),
          milliseconds(during, quantile, false));
    }
    row("gateway memory, highest MiB", highest(before, true), highest(during, true));
    row("gateway threads, highest", highest(before, false), highest(during, false));
    out.printf("creates %d and %d, queries %d and %d, refused %d%n",
        before.stream().mapToInt(it -> it.creates().size()).sum(),
        during.stream().mapToInt(it -> it.creates().size()).sum(),
        before.stream().mapToInt(it -> it.queries().size()).sum(),
        during.stream().mapToInt(it -> it.queries().size()).sum(), refused.get());
  }

  private void row(String what, double alone, double beside) {
    out.printf("%-28s %12.1f %12.1f %8.2f%n", what, alone, beside, beside / alone);
  }

  private static double milliseconds(List<Phase> phases, double quantile, boolean creates) {
    return phases.stream().map(it -> creates ? it.creates() : it.queries())
        .mapToDouble(sorted -> sorted.get((int) (quantile * (sorted.size() - 1))) / 1e6).average().orElseThrow();
  }

  private static double highest(List<Phase> phases, boolean memory) {
    return phases.stream().flatMap(it -> it.samples().stream())
        .mapToDouble(it -> memory ? it.memory() / (double) (1 << 20) : it.threads()).max().orElseThrow();
  }

  private static List<Long> sorted(Queue<Long> latencies) {
    return latencies.stream().sorted().toList();
  }

  private static double perSecond(Duration every) {
    return 1e9 / every.toNanos();
  }
}
