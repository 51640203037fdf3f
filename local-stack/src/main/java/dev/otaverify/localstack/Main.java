// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.gateway.account.KeysApplication;
import dev.otaverify.kit.deadletters.DeadLettersCommand;
import dev.otaverify.localinfra.LocalPostgres;
import dev.otaverify.simulator.Shares;
import dev.otaverify.simulator.Signing;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** The commands of {@code ./ota}, which starts this with the state directory in {@code ota.state}. */
public final class Main {
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private static final String USAGE = """
                                      usage: ./ota COMMAND

                                        demo [--devices N] [--failing N] [--silent N] [--timeout 30s|1m]
                                                              everything from nothing: a fresh stack, devices, a firmware, its verification
                                             [--endpoint URL --mqtt HOST:PORT --access-key-id ID --access-key-secret SECRET]
                                                              the same against a stack that runs already
                                        up [--separate]       start the stack and keep it running; --separate: each part in a process of its own
                                        run PART              run one part of the stack in this process
                                        status                what runs, and its memory
                                        down                  stop what runs
                                        clean                 remove the state of a stopped stack
                                        call ACTION [NAME=VALUE …]
                                                              call the API of the running stack
                                        url ACTION [NAME=VALUE …]
                                                              the same as a signed URL, for curl
                                        import FILE           take over products and devices with the keys and secrets they have (CSV or JSON)
                                             [--endpoint URL --access-key-id ID --access-key-secret SECRET]
                                                              into a stack that runs elsewhere
                                        bench [NAME …] [--rounds N]
                                                              measures, beside the least that does the same, on stacks of its own: docs/PERFORMANCE.md
                                        faults …              breaks a stack of its own, and counts what it promised: docs/FAULTS.md
                                        devices --count N [--behaviour ok=80,slow=5,fail-3=5,…] [--jobs M [--timeout 2m]] [--duration 1h] …
                                                              simulated devices on the running stack; --jobs: that many verifications
                                                              on them, compared with what must come of each; docs/SIMULATOR.md has all options
                                             [--endpoint URL --mqtt HOST:PORT --access-key-id ID --access-key-secret SECRET] [--product-key KEY]
                                                              on a stack that runs elsewhere, or with a product that exists
                                        keys create|limit|list|disable|enable|delete …
                                                              the access keys of the running stack; ./ota keys says how
                                        dlt list [--topic TOPIC]|show ID|replay ID [--again]|replay --all --topic TOPIC [--again]
                                             [--kafka HOST:PORT]
                                                              dead letters: what could not be decided on; docs/OPERATIONS.md
                                        rebuild [--switch]    status-aggregator's tables anew from the topics, compared with those in use;
                                                              --switch: take them into use, while it is stopped

                                      The state is in .ota, or where OTA_STATE says. The API is the vendor's: docs and README say which actions there are.
                                      """;

  private Main() {}

  /** Runs one command; the exit status is 0 if it did what it is for, 1 if not, 2 if it was not understood. */
  public static void main(String[] args) {
    int status;
    try {
      status = args.length == 0 ? usage() : run(args[0], List.of(args).subList(1, args.length));
    } catch (IllegalArgumentException | IllegalStateException | ApiClient.RefusedException e) {
      System.err.println("ota: " + e.getMessage());
      status = e instanceof IllegalArgumentException ? 2 : 1;
    } catch (Exception e) {
      System.err.println("ota: " + e + " (see the log: " + System.getProperty("ota.log", "none") + ")");
      status = 1;
    }
    System.exit(status);
  }

  private static int run(String command, List<String> arguments) throws Exception {
    return switch (command) {
      case "demo" -> demo(Options.of(arguments, Set.of(), Set.of("devices", "failing", "silent", "timeout", "endpoint",
          "mqtt", "access-key-id", "access-key-secret")));
      case "up" -> up(Options.of(arguments, Set.of("separate"), Set.of()));
      case "run" -> runPart(Part.of(one(arguments, "part")));
      case "status" -> new StatusReport(Settings.open(state()), OUT).print() ? 0 : 1;
      case "down" -> down();
      case "clean" -> clean();
      case "call" -> call(arguments);
      case "url" -> url(arguments);
      case "keys" -> keys(arguments);
      case "dlt" -> dlt(arguments);
      case "rebuild" -> rebuild(Options.of(arguments, Set.of("switch"), Set.of()));
      case "devices" -> devices(Options.of(arguments, Set.of("subscribe"), Set.of("count", "behaviour", "seed", "jobs",
          "timeout", "duration", "pause", "slow", "qos", "sign-method", "connect-rate", "firmware-size", "product-key",
          "endpoint", "mqtt", "access-key-id", "access-key-secret")));
      case "import" -> bringIn(Options.of(arguments, Set.of(), Set.of("endpoint", "access-key-id",
          "access-key-secret")));
      default -> usage();
    };
  }

  private static int usage() {
    System.err.print(USAGE);
    return 2;
  }

  private static Path state() {
    return Path.of(System.getProperty("ota.state"));
  }

  private static int demo(Options options) throws InterruptedException {
    boolean terminal = Boolean.getBoolean("ota.terminal");
    if (options.has("endpoint")) {
      var mqtt = mqtt(options);
      // A stack that is not the demo's own counts real minutes.
      long minutes = Math.max(1, timeout(options).toMinutes());
      var plan = plan(options, (int) minutes, terminal);
      return new Demo(api(options), mqtt.getHostString(), mqtt.getPort(), plan, OUT).run() ? 0 : 1;
    }
    // Here TimeoutInMinutes counts seconds, so that a device that never answers does not take a minute at least.
    var plan = plan(options, (int) timeout(options).toSeconds(), terminal);
    OUT.println("Starting Kafka, PostgreSQL, an MQTT broker and four services on 127.0.0.1 …");
    long begun = System.nanoTime();
    var settings = Settings.openOrMake(state(), Settings.Ports.FREE, Duration.ofSeconds(1));
    new Processes(state()).register("stack");
    // Stopped by the end of this process, however that comes.
    stopping(LocalStack.start(settings));
    OUT.printf("Ready in %.1f s: %s%n", seconds(begun), settings.url(Part.API_GATEWAY));
    return new Demo(ApiClient.of(settings), "127.0.0.1", settings.port(Part.MQTT_BROKER), plan, OUT).run() ? 0 : 1;
  }

  private static Demo.Plan plan(Options options, int timeoutUnits, boolean terminal) {
    return new Demo.Plan(options.number("devices", 10), options.number("failing", 0), options.number("silent", 0),
        timeoutUnits, terminal);
  }

  private static Duration timeout(Options options) {
    return options.duration("timeout", "2m");
  }

  private static int devices(Options options) {
    var endpoint = endpoint(options);
    var mqtt = mqtt(options);
    var target = new Devices.Target(mqtt.getHostString(), mqtt.getPort(), options.named().get("product-key"));
    try (var known = KnownDevices.open(state(), endpoint)) {
      var devices = new Devices(new OtaCalls(api(options)), known, target, devicesPlan(options), OUT);
      stopping(devices::stop);
      return devices.run() ? 0 : 1;
    }
  }

  private static Devices.Plan devicesPlan(Options options) {
    var timeout = timeout(options);
    if (!timeout.equals(Duration.ofMinutes(timeout.toMinutes()))) {
      throw new IllegalArgumentException(
          "--timeout: " + options.get("timeout", "") + " (expected: whole minutes, as TimeoutInMinutes has it)");
    }
    var jobs = options.has("jobs")
        ? Optional.of(new Verifications.Plan(options.number("jobs", 0), timeout, (int) timeout.toMinutes(),
            options.number("firmware-size", 65_536)))
        : Optional.<Verifications.Plan>empty();
    return new Devices.Plan(options.number("count", 10), Shares.of(options.get("behaviour", "ok")),
        options.number("seed", 1), options.duration("pause", "500ms"), options.duration("slow", "30s"),
        options.number("qos", 1), Signing.of(options.get("sign-method", "hmacsha256")), options.has("subscribe"),
        options.number("connect-rate", 200), options.has("duration") ? options.duration("duration", "") : null, jobs,
        Boolean.getBoolean("ota.terminal"));
  }

  private static int up(Options options) throws Exception {
    refuseIfRunning();
    long begun = System.nanoTime();
    var settings = Settings.openOrMake(state(), Settings.Ports.USUAL, Duration.ofMinutes(1));
    new Processes(state()).register("stack");
    var stack = options.has("separate") ? SeparateStack.start(settings) : LocalStack.start(settings);
    stopping(stack);
    keepClasses();
    var createProduct = Map.of("ProductName", "thermostat", "NodeType", "0");
    OUT.printf("""
               Ready in %.1f s. Ctrl-C stops it; ./ota status shows what runs.

                 API endpoint    %s
                 access key      %s
                 its secret      %s
                 MQTT            %s
                 Kafka           %s

               Create a first product (signed, good for 15 minutes), or use ./ota call:

                 curl '%s'
                 ./ota call CreateProduct ProductName=thermostat NodeType=0

               """, seconds(begun), settings.url(Part.API_GATEWAY), settings.accessKeyId(), settings.accessKeySecret(),
        settings.address(Part.MQTT_BROKER), settings.address(Part.KAFKA),
        ApiClient.of(settings).url("CreateProduct", createProduct));
    new CountDownLatch(1).await();
    return 0;
  }

  /** What this JVM has loaded is worth keeping; {@code ota} has told it to do so when it ends. */
  private static void keepClasses() throws IOException {
    var complete = System.getProperty("ota.classes");
    if (complete != null) {
      Files.write(Path.of(complete), new byte[0]);
    }
  }

  private static int runPart(Part part) throws Exception {
    var settings = Settings.open(state());
    new Processes(state()).register(part.id());
    stopping(part.start(settings));
    OUT.println("ready " + part.id() + " " + settings.address(part));
    new CountDownLatch(1).await();
    return 0;
  }

  private static int down() {
    boolean all = true;
    var running = new Processes(state()).running();
    // First what needs the infrastructure; the stack then stops what is left of its own.
    for (var process : running.stream().sorted(Comparator.comparingInt(Main::rankOfStop)).toList()) {
      boolean ended = Processes.stop(process.handle(), 40);
      OUT.println(process.name() + (ended ? " stopped" : " does not stop, process " + process.handle().pid()));
      all &= ended;
    }
    if (all && Files.isDirectory(state().resolve("postgres"))) {
      LocalPostgres.stopLeftBehind(state().resolve("postgres"));
    }
    if (running.isEmpty()) {
      OUT.println("nothing runs");
    }
    return all ? 0 : 1;
  }

  private static int rankOfStop(Processes.Running process) {
    return LocalStack.STAGES.getLast().stream().anyMatch(part -> part.id().equals(process.name()))
        ? 0
        : process.name().equals("stack") ? 1 : 2;
  }

  private static int clean() throws IOException {
    refuseIfRunning();
    if (!Files.isDirectory(state())) {
      OUT.println("nothing to remove");
      return 0;
    }
    if (Files.isDirectory(state().resolve("postgres"))) {
      LocalPostgres.stopLeftBehind(state().resolve("postgres"));
    }
    // Only what a stack makes there: the directory may be anybody's.
    for (var name : List.of("kafka", "postgres", "mqtt", "files", "run", "settings.properties", "stack.log")) {
      delete(state().resolve(name));
    }
    for (var part : Part.values()) {
      delete(state().resolve(part.id() + ".log"));
    }
    try (var devices = Files.newDirectoryStream(state(), "devices-*.csv")) {
      for (var file : devices) {
        delete(file);
      }
    }
    OUT.println("removed the state in " + state());
    return 0;
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (var below = Files.walk(path)) {
      for (var one : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }

  private static void refuseIfRunning() {
    var running = new Processes(state()).running();
    if (!running.isEmpty()) {
      throw new IllegalStateException("state: " + state() + " is in use by process " + running.getFirst().handle().pid()
          + " (expected: nothing running there; ./ota down stops it)");
    }
  }

  private static int call(List<String> arguments) {
    OUT.println(ApiClient.of(Settings.open(state())).call(action(arguments), parameters(arguments)).toPrettyString());
    return 0;
  }

  private static int bringIn(Options options) throws IOException, InterruptedException {
    var file = Path.of(one(options.words(), "file"));
    return new Import(api(options), OUT).run(file) ? 0 : 1;
  }

  private static int keys(List<String> arguments) {
    KeysApplication.run(Part.keysArguments(Settings.open(state())), arguments, OUT);
    return 0;
  }

  private static int dlt(List<String> arguments) {
    var kafka = arguments.contains("--kafka") ? "" : Settings.open(state()).address(Part.KAFKA);
    DeadLettersCommand.run(kafka, arguments, OUT);
    return 0;
  }

  private static int rebuild(Options options) throws Exception {
    var rebuild = new RebuildCommand(Settings.open(state()), OUT);
    if (!options.has("switch")) {
      return rebuild.build() ? 0 : 1;
    }
    rebuild.takeIntoUse();
    return 0;
  }

  private static int url(List<String> arguments) {
    OUT.println(ApiClient.of(Settings.open(state())).url(action(arguments), parameters(arguments)));
    return 0;
  }

  private static String action(List<String> arguments) {
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("action: none (expected: one, such as QueryOTAFirmware)");
    }
    return arguments.getFirst();
  }

  private static Map<String, String> parameters(List<String> arguments) {
    var parameters = new LinkedHashMap<String, String>();
    for (var argument : arguments.subList(1, arguments.size())) {
      var parts = argument.split("=", 2);
      if (parts.length != 2) {
        throw new IllegalArgumentException("parameter: " + argument + " (expected: NAME=VALUE)");
      }
      parameters.put(parts[0], parts[1]);
    }
    return parameters;
  }

  private static String one(List<String> arguments, String what) {
    if (arguments.size() != 1) {
      throw new IllegalArgumentException(what + ": " + arguments + " (expected: one)");
    }
    return arguments.getFirst();
  }

  /** The API of the stack that the options name, else of the one in the state directory. */
  private static ApiClient api(Options options) {
    return options.has("endpoint")
        ? new ApiClient(endpoint(options), options.get("access-key-id", ""), options.get("access-key-secret", ""))
        : ApiClient.of(Settings.open(state()));
  }

  private static URI endpoint(Options options) {
    var endpoint = URI
        .create(options.has("endpoint") ? options.get("endpoint", "") : Settings.open(state()).url(Part.API_GATEWAY));
    if (endpoint.getHost() == null) {
      throw new IllegalArgumentException("--endpoint: " + endpoint + " (expected: such as http://127.0.0.1:8080)");
    }
    return endpoint;
  }

  /** Where devices connect; at a stack that runs elsewhere its host and the usual port, unless the options name it. */
  private static InetSocketAddress mqtt(Options options) {
    if (!options.has("mqtt")) {
      return options.has("endpoint")
          ? InetSocketAddress.createUnresolved(endpoint(options).getHost(), 1883)
          : InetSocketAddress.createUnresolved("127.0.0.1", Settings.open(state()).port(Part.MQTT_BROKER));
    }
    var text = options.get("mqtt", "");
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("\\d{1,5}")) {
      throw new IllegalArgumentException("--mqtt: " + text + " (expected: HOST:PORT)");
    }
    return InetSocketAddress.createUnresolved(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  /** Also stops it when the process is asked to end. */
  private static void stopping(AutoCloseable running) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        running.close();
      } catch (Exception e) {
        System.err.println("ota: " + e);
      }
    }, "stop"));
  }

  private static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }
}
