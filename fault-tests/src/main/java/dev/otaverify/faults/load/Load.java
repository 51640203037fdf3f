// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.load;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.faults.history.History;
import dev.otaverify.faults.history.History.Call;
import dev.otaverify.faults.history.History.Outcome;
import dev.otaverify.faults.load.FieldDevice.Plan;
import dev.otaverify.faults.load.FieldDevice.Script;
import dev.otaverify.faults.stack.Cluster;
import dev.otaverify.localstack.ApiClient;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Verifications on a fleet of devices of all behaviours, side by side: each line has devices of its own and takes one firmware
 * after the other through them, with races, cancels, confirmations, repeats and deletes, while others ask how things stand.
 */
public final class Load implements AutoCloseable {
  /** What one minute of {@code TimeoutInMinutes} must last for this load. */
  public static final Duration UNIT = Duration.ofSeconds(1);

  private static final int FILE_SIZE = 2_000;
  private static final int LATEST = 40;
  private static final List<Script> SUCCEEDING = List.of(Script.SUCCEED, Script.SUCCEED, Script.SUCCEED, Script.SLOW,
      Script.CHATTERING);
  private static final List<Script> FAILING = List.of(Script.FAIL_UPGRADE, Script.FAIL_DOWNLOAD, Script.FAIL_DIGEST,
      Script.FAIL_BURN, Script.SILENT, Script.STUCK, Script.WRONG_VERSION, Script.LATE);

  private final Cluster cluster;
  private final History history;
  private final Client client;
  private final Amount amount;
  private final List<Line> lines = new ArrayList<>();
  private final List<FieldDevice> devices = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> firmware = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> jobs = new ConcurrentLinkedQueue<>();
  private final AtomicInteger verified = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final ConcurrentLinkedQueue<RuntimeException> broken = new ConcurrentLinkedQueue<>();
  private volatile boolean running = true;
  private String productKey = "";
  private Map<String, String> file = Map.of();

  /**
   * How much.
   *
   * @param lines of verifications beside each other
   * @param devices of each line
   * @param queriers how many threads ask all the time
   * @param timeout of each job, in units
   */
  public record Amount(int lines, int devices, int queriers, int timeout, long seed) {}

  /** Not begun yet. */
  public Load(Cluster cluster, History history, Amount amount) {
    this.cluster = cluster;
    this.history = history;
    this.amount = amount;
    this.client = new Client(URI.create(cluster.url()), cluster.accessKey(), history);
  }

  /** Creates what is needed and begins. */
  public void start() throws InterruptedException {
    var api = new ApiClient(URI.create(cluster.url()), cluster.accessKey().id(), cluster.accessKey().secret());
    productKey = done(retried("CreateProduct", Map.of("ProductName", "faults", "NodeType", "0"))).body()
        .path("ProductKey").asString();
    var bytes = new byte[FILE_SIZE];
    new Random(amount.seed()).nextBytes(bytes);
    var form = api.call("GenerateOTAUploadURL", Map.of("FileSuffix", "bin")).path("Data");
    api.upload(form, bytes);
    file = Map.of("FirmwareUrl", form.path("FirmwareUrl").asString(), "FirmwareSize", Integer.toString(FILE_SIZE),
        "SignMethod", "MD5", "FirmwareSign", md5(bytes));
    for (int line = 0; line < amount.lines(); line++) {
      var ofLine = new ArrayList<FieldDevice>();
      for (int number = 0; number < amount.devices(); number++) {
        ofLine.add(device("line-%02d-device-%d".formatted(line, number)));
      }
      lines.add(new Line(line, ofLine));
      devices.addAll(ofLine);
    }
    devices.forEach(FieldDevice::start);
    for (var line : lines) {
      threads.add(Thread.ofVirtual().name("line-" + line.number).start(line::run));
    }
    for (int querier = 0; querier < amount.queriers(); querier++) {
      var random = new Random(amount.seed() + 1_000 + querier);
      threads.add(Thread.ofVirtual().name("querier-" + querier).start(() -> ask(random)));
    }
  }

  private FieldDevice device(String name) throws InterruptedException {
    var secret = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()).repeat(2);
    done(retried("ImportDevice", Map.of("ProductKey", productKey, "DeviceName", name, "DeviceSecret", secret)));
    return new FieldDevice(new DeviceId(new ProductKey(productKey), new DeviceName(name)), secret, cluster.mqttPort(),
        history);
  }

  private static Call done(Call call) {
    if (call.outcome() != Outcome.DONE) {
      throw new IllegalStateException(call.action() + ": " + call.code() + " " + call.body() + " (expected: done)");
    }
    return call;
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** One group of devices and what happens to it, one verification after the other. */
  private final class Line {
    private final int number;
    private final List<FieldDevice> members;
    private final Random random;

    Line(int number, List<FieldDevice> members) {
      this.number = number;
      this.members = members;
      this.random = new Random(amount.seed() * 31 + number);
    }

    void run() {
      try {
        for (int version = 1; running; version++) {
          verify("%d.%d.0".formatted(number + 2, version));
        }
      } catch (InterruptedException e) {
        // The end of the load.
      } catch (RuntimeException e) {
        // In the end a refusal may come instead of an answer.
        if (running) {
          broken.add(e);
        }
      }
    }

    private void verify(String version) throws InterruptedException {
      var id = created(version, "firmware-" + version);
      firmware.add(id);
      if (firmware.size() > LATEST) {
        firmware.poll();
      }
      boolean again = true;
      while (again && running) {
        int status = once(id, version);
        again = status == 3 && random.nextInt(3) == 0;
      }
      if (random.nextInt(6) == 0) {
        retried("DeleteOTAFirmware", Map.of("FirmwareId", id));
      }
    }

    /** A firmware that must come to be verified. */
    void verified(String version) throws InterruptedException {
      var id = created(version, version + "_" + members.getFirst().name());
      done(retried("CreateOTAVerifyJob", job(id, false)));
      if (await(id, "", -1) != 1) {
        throw new IllegalStateException("firmware " + id + ": not verified (expected: verified)");
      }
    }

    private String created(String version, String name) throws InterruptedException {
      var parameters = new LinkedHashMap<>(file);
      parameters.putAll(Map.of("ProductKey", productKey, "FirmwareName", name.replace('.', '_'), "DestVersion",
          version));
      return done(retried("CreateOTAFirmware", parameters)).body().path("Data").path("FirmwareId").asString();
    }

    /** One job, to its verdict; gives the status of the firmware after it. */
    private int once(String id, String version) throws InterruptedException {
      plan(version);
      boolean confirm = random.nextInt(6) == 0;
      var parameters = job(id, confirm);
      var rival = random.nextInt(4) == 0 ? Thread.ofVirtual().start(() -> rival(parameters)) : null;
      var created = retried("CreateOTAVerifyJob", parameters);
      if (rival != null) {
        rival.join();
      }
      var job = created.body().path("Data").path("JobId").asString("");
      if (!job.isEmpty()) {
        known(job);
      }
      if (confirm && !job.isEmpty()) {
        confirm(job);
      }
      int cancelAfter = random.nextInt(7) == 0 ? random.nextInt(8_000) : -1;
      return await(id, job, cancelAfter);
    }

    private void plan(String version) {
      boolean allWell = random.nextInt(3) > 0;
      for (var device : members) {
        var script = allWell || random.nextInt(4) > 0
            ? SUCCEEDING.get(random.nextInt(SUCCEEDING.size()))
            : FAILING.get(random.nextInt(FAILING.size()));
        device.plan(new Plan(version, script, UNIT.multipliedBy(amount.timeout() + 1L)));
      }
    }

    private Map<String, String> job(String id, boolean confirm) {
      var parameters = new LinkedHashMap<>(Map.of("ProductKey", productKey, "FirmwareId", id, "TimeoutInMinutes",
          Integer.toString(amount.timeout()), "NeedConfirm", Boolean.toString(confirm)));
      for (int i = 0; i < members.size(); i++) {
        parameters.put("TargetDeviceName." + (i + 1), members.get(i).name());
      }
      return parameters;
    }

    /** Another client that wants the same, at the same time: only one may get it. */
    private void rival(Map<String, String> parameters) {
      try {
        var created = client.write("CreateOTAVerifyJob", parameters);
        var job = created.body().path("Data").path("JobId").asString("");
        if (!job.isEmpty()) {
          known(job);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void confirm(String job) throws InterruptedException {
      var tasks = new LinkedHashMap<String, String>();
      int next = 1;
      for (var task : client.read("ListOTATaskByJob", Map.of("JobId", job)).body().path("Data")
          .path("SimpleOTATaskInfo")) {
        tasks.put("TaskId." + next++, task.path("TaskId").asString());
      }
      if (!tasks.isEmpty()) {
        retried("ConfirmOTATask", tasks);
      }
    }

    private int await(String id, String job, int cancelAfter) throws InterruptedException {
      var begun = System.nanoTime();
      boolean canceled = cancelAfter < 0 || job.isEmpty();
      while (true) {
        if (!canceled && (System.nanoTime() - begun) / 1_000_000 > cancelAfter) {
          canceled = true;
          retried("CancelOTATaskByJob", Map.of("JobId", job, "CancelQueuedTask", "true", "CancelNotifiedTask", "true",
              "CancelInProgressTask", "true", "CancelUnconfirmedTask", "true"));
        }
        var asked = client.read("QueryOTAFirmware", Map.of("FirmwareId", id));
        int status = asked.body().path("FirmwareInfo").path("Status").asInt(-1);
        if (status != 2 || asked.outcome() == Outcome.UNRESOLVED) {
          (status == 1 ? verified : failed).incrementAndGet();
          return status;
        }
        if (!job.isEmpty() && random.nextInt(3) == 0) {
          client.read(random.nextBoolean() ? "QueryOTAJob" : "ListOTATaskByJob", Map.of("JobId", job));
        }
        Thread.sleep(300);
      }
    }
  }

  /** What is refused for having come too late was not done, and may be asked for anew. */
  private Call retried(String action, Map<String, String> parameters) throws InterruptedException {
    while (true) {
      var call = client.write(action, parameters);
      if (!call.code().equals(ErrorCode.COMMAND_EXPIRED.code()) || !running) {
        return call;
      }
    }
  }

  private void known(String job) {
    jobs.add(job);
    if (jobs.size() > LATEST) {
      jobs.poll();
    }
  }

  private void ask(Random random) {
    try {
      while (running) {
        var id = any(firmware, random);
        var job = any(jobs, random);
        if (id != null) {
          client.read("QueryOTAFirmware", Map.of("FirmwareId", id));
        }
        if (job != null) {
          client.read(random.nextBoolean() ? "QueryOTAJob" : "ListOTATaskByJob", Map.of("JobId", job));
        }
        Thread.sleep(100);
      }
    } catch (InterruptedException e) {
      // The end of the load.
    }
  }

  private static @Nullable String any(Collection<String> among, Random random) {
    var all = List.copyOf(among);
    return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
  }

  /** Adds so many devices that belong to no line, and connects them. */
  public void devices(int count) throws InterruptedException {
    for (int number = 0; number < count; number++) {
      var device = device("single-%02d".formatted(number));
      devices.add(device);
      device.start();
    }
  }

  /** Verifies a new firmware on each device, all beside each other; returns when each is answered as verified. */
  public void verifyOnEach() throws InterruptedException {
    var version = "9." + history.calls().size();
    var verifying = new ArrayList<Thread>();
    for (var device : devices) {
      device.plan(new Plan(version, Script.SUCCEED, Duration.ZERO));
      verifying.add(Thread.ofVirtual().start(() -> {
        try {
          new Line(0, List.of(device)).verified(version);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
          broken.add(e);
        }
      }));
    }
    for (var thread : verifying) {
      thread.join();
    }
    if (!broken.isEmpty()) {
      throw new IllegalStateException("load: a verification broke off (expected: verified)", broken.peek());
    }
  }

  /** All devices. */
  public List<FieldDevice> devices() {
    return List.copyOf(devices);
  }

  /** The client that all of it calls with. */
  public Client client() {
    return client;
  }

  /** How far it is, for people. */
  public String progress() {
    return "%d verified, %d not, %d calls (%d without an answer), %d reports".formatted(verified.get(), failed.get(),
        history.calls().size(), client.unanswered(), history.said().size());
  }

  /**
   * Begins nothing new, waits until what has begun has ended, and switches the devices off.
   *
   * @return whether it has
   * @throws IllegalStateException if an answer was none that can be
   */
  public boolean finish(Duration atMost) throws InterruptedException {
    if (!broken.isEmpty()) {
      throw new IllegalStateException("load: a line broke off (expected: one verification after the other)",
          broken.peek());
    }
    running = false;
    var deadline = Instant.now().plus(atMost);
    boolean all = true;
    for (var thread : threads) {
      all &= thread.join(Duration.between(Instant.now(), deadline).isNegative()
          ? Duration.ofMillis(1)
          : Duration.between(Instant.now(), deadline));
    }
    if (!all) {
      client.giveUp();
      for (var thread : threads) {
        thread.join(Duration.ofSeconds(15));
      }
    }
    devices.parallelStream().forEach(FieldDevice::close);
    return all;
  }

  @Override
  public void close() {
    client.giveUp();
    threads.forEach(Thread::interrupt);
    devices.parallelStream().forEach(FieldDevice::close);
  }
}
