// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Figures.Side;
import dev.otaverify.bench.Http.Call;
import dev.otaverify.kit.DownloadLinks;
import dev.otaverify.localstack.Part;
import dev.otaverify.localstack.Processes;
import dev.otaverify.localstack.Settings;
import dev.otaverify.localstack.StatusReport;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/** What many slow downloads cost those who do something else: creates and queries at a fixed rate, beside the downloads and alone. */
final class DownloadsComparison implements Comparison {
  private static final double CREATES_PER_SECOND = 4;
  private static final double QUERIES_PER_SECOND = 16;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration COUNTED = Duration.ofSeconds(30);
  private static final Duration SAMPLE_EVERY = Duration.ofMillis(500);
  private static final int QUERIED = 100;
  private static final double MIB = 1 << 20;

  private final Plan plan;

  /** @param bytesPerSecond of each download */
  record Plan(int downloads, int megabytes, long bytesPerSecond) {
    Plan {
      if (downloads < 1 || downloads > 2_000 || megabytes < 1 || megabytes > 900 || bytesPerSecond < 1_000) {
        throw new IllegalArgumentException("--downloads, --size, --rate: " + downloads + ", " + megabytes + ", "
            + bytesPerSecond + " (expected: 1 to 2000, 1 to 900 MB, 1000 or more bytes a second)");
      }
    }
  }

  DownloadsComparison(Plan plan) {
    this.plan = plan;
  }

  @Override
  public String name() {
    return "downloads";
  }

  @Override
  public String other() {
    return "the same calls without downloads beside them";
  }

  @Override
  public Figures run(Path dir, int rounds, PrintStream out) throws Exception {
    var figures = new Figures();
    try (var stack = Stack.start(dir);
        var http = new Http();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var file = File.upload(stack, plan.megabytes());
      var firmwares = new Firmwares(stack, http);
      int jobs = (int) (CREATES_PER_SECOND * WARM_UP.plus(COUNTED).toSeconds()) + 1;
      firmwares.prepare(2 * rounds * jobs + QUERIED);
      var queried = firmwares.free().getLast();
      var api = http.api(stack.settings());
      for (int round = 1; round <= rounds; round++) {
        for (var side : List.of(Side.OTHER, Side.STACK)) {
          stack.settle();
          var downloads = side == Side.OTHER ? null : new Downloads(file, stack.settings(), threads);
          var creates = threads.submit(() -> Load.open(CREATES_PER_SECOND, WARM_UP, COUNTED,
              () -> api.apply(firmwares.nextJob().get())));
          var queries = threads.submit(() -> Load.open(QUERIES_PER_SECOND, WARM_UP, COUNTED,
              () -> api.apply(new Call("QueryOTAFirmware", Map.of("FirmwareId", queried)))));
          long highest = 0;
          long threadsOfIt = 0;
          var gateway = gateway(stack.settings());
          while (!creates.isDone() || !queries.isDone()) {
            highest = Math.max(highest, StatusReport.memory(gateway));
            threadsOfIt = Math.max(threadsOfIt, StatusReport.threads(gateway));
            Thread.sleep(SAMPLE_EVERY);
          }
          figures.addLatency("create", side, answered(creates));
          figures.addLatency("query", side, answered(queries));
          figures.add("gateway's memory, highest MiB", side, highest / MIB);
          figures.add("gateway's threads, most", side, (double) threadsOfIt);
          if (downloads != null) {
            downloads.finish(figures, out);
          }
        }
      }
    }
    return figures;
  }

  private static Measured answered(Future<Measured> load) throws InterruptedException, ExecutionException {
    var measured = load.get();
    if (measured.failed() > 0) {
      throw new IllegalStateException("calls: " + measured.failed() + " failed (expected: none)");
    }
    return measured;
  }

  private static ProcessHandle gateway(Settings settings) {
    return new Processes(settings.dir()).running().stream().filter(it -> it.name().equals(Part.API_GATEWAY.id()))
        .findFirst().map(Processes.Running::handle)
        .orElseThrow(() -> new IllegalStateException("api-gateway: not running (expected: a process of its own)"));
  }

  private record File(String key, long crc) {
    static File upload(Stack stack, int megabytes) {
      var content = new byte[megabytes * 1_000_000];
      new Random(megabytes).nextBytes(content);
      var api = stack.api();
      var form = api.call("GenerateOTAUploadURL", Map.of()).path("Data");
      api.upload(form, content);
      var crc = new CRC32C();
      crc.update(content);
      return new File(form.path("Key").asString(), crc.getValue());
    }
  }

  /** Downloads beside each other, each by its own signed URL as a device gets it. */
  private final class Downloads {
    private final File file;
    private final AtomicLong received = new AtomicLong();
    private final List<Future<Long>> all = new ArrayList<>();
    private final long begun = System.nanoTime();

    Downloads(File file, Settings settings, ExecutorService threads) {
      this.file = file;
      var links = new DownloadLinks(settings.signingKey());
      for (int i = 0; i < plan.downloads(); i++) {
        var url = URI.create(settings.url(Part.API_GATEWAY)
            + links.path(file.key(), Instant.now().plus(Duration.ofHours(1)).plusSeconds(i)));
        Callable<Long> download = () -> new SlowDownload(url, plan.bytesPerSecond(), received).run();
        all.add(threads.submit(download));
      }
    }

    /** Waits for the rest; a download that did not come through whole ends the comparison. */
    void finish(Figures figures, PrintStream out) throws InterruptedException, ExecutionException {
      for (var one : all) {
        if (one.get() != file.crc()) {
          throw new IllegalStateException("download: other bytes (expected: as uploaded)");
        }
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      figures.add("downloads, MB/s together", Side.STACK, received.get() / 1e6 / seconds);
      out.printf("%d downloads of %d MB whole, %.1f GB in %.1f s%n", all.size(), plan.megabytes(), received.get() / 1e9,
          seconds);
    }
  }
}
