// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.localinfra.FreePorts;
import dev.otaverify.localstack.Part;
import dev.otaverify.localstack.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the stack is compared with, as a process with the flags of a part of the stack: {@link Bare} and {@link BareDevices} have what it
 * does.
 */
final class BareProcess implements AutoCloseable {
  private static final int STOP_SECONDS = 20;

  private final Process process;
  private final int port;
  private final Thread hook;

  private BareProcess(Process process, int port) {
    this.process = process;
    this.port = port;
    this.hook = new Thread(process::destroy, "stop-bare");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts it beside a stack, with its Kafka and its PostgreSQL; returns when it serves.
   *
   * @param writes whose database it writes to
   * @param reads whose database it reads from
   */
  static BareProcess beside(Stack stack, Part writes, Part reads) throws IOException {
    var settings = stack.settings();
    int port = FreePorts.choose();
    return start(Bare.class, port, new Bare.Settings(settings.address(Part.KAFKA), settings.address(Part.POSTGRES),
        settings.databasePassword(), writes.database(), reads.database(), port).arguments());
  }

  /**
   * Starts {@link BareDevices} beside a stack, with its Kafka and its PostgreSQL; returns when it serves.
   *
   * @param mqttPort where its devices connect
   * @param dir for its MQTT broker
   */
  static BareProcess devicesBeside(Stack stack, Part writes, int mqttPort, Path dir) throws IOException {
    var settings = stack.settings();
    int port = FreePorts.choose();
    return start(BareDevices.class, port, new BareDevices.Settings(settings.address(Part.KAFKA),
        settings.address(Part.POSTGRES), settings.databasePassword(), writes.database(), port, mqttPort, dir)
        .arguments());
  }

  private static BareProcess start(Class<?> main, int port, List<String> arguments) throws IOException {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    @SuppressWarnings("StreamResourceLeak") // the process may go on printing
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals(Bare.READY)) {
        return new BareProcess(process, port);
      }
    }
    throw new IllegalStateException(main.getSimpleName() + ": did not start (expected: " + Bare.READY + ")");
  }

  List<ProcessHandle> jvms() {
    return List.of(process.toHandle());
  }

  String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  @Override
  public void close() {
    if (!Processes.stop(process.toHandle(), STOP_SECONDS)) {
      process.destroyForcibly();
    }
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
