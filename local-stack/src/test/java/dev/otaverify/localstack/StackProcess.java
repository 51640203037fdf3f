// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** JVMs that tests start, and stop or kill. */
final class StackProcess {
  private StackProcess() {}

  /** Starts a main class with the class path of this JVM; what it says of errors is said among what the tests say. */
  static Process start(Path state, String name, Class<?> main, List<String> arguments, String... options)
      throws IOException {
    return of(state, name, main, arguments, options).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /**
   * A main class with the class path of this JVM, to be started.
   *
   * @param state where its log is
   * @param name of the log
   * @param options for the JVM, besides those that all have
   */
  static ProcessBuilder of(Path state, String name, Class<?> main, List<String> arguments, String... options) {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
        "-Dorg.springframework.boot.logging.LoggingSystem=none", "-Dlogback.configurationFile=logback-stack.xml",
        "-Dota.log=" + state.resolve(name + ".log"), "-Dota.state=" + state));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command);
  }
}
