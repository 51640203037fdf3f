// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A program for Node with the packages that its lock file names, in a directory of its own. */
record NodeProgram(Path directory, String file) {

  /** {@link #tryInstall}, or skips the test. */
  static NodeProgram install(Path source, String file, Path into) throws IOException, InterruptedException {
    var program = tryInstall(source, file, into);
    Assumptions.assumeTrue(program.isPresent(), "npm ci");
    return program.orElseThrow();
  }

  /**
   * Installs it. Nothing if Node or its registry is not there; one line says so.
   *
   * @param source has the program, {@code package.json} and {@code package-lock.json}
   */
  static Optional<NodeProgram> tryInstall(Path source, String file, Path into)
      throws IOException, InterruptedException {
    var directory = Files.createDirectories(into.resolve("node"));
    for (var name : List.of("package.json", "package-lock.json", file)) {
      Files.copy(source.resolve(name), directory.resolve(name));
    }
    boolean installed;
    try {
      var npm = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
          .directory(directory.toFile()).redirectErrorStream(true).redirectOutput(into.resolve("npm").toFile()).start();
      installed = npm.waitFor(5, TimeUnit.MINUTES) && npm.exitValue() == 0;
      npm.destroy();
    } catch (IOException e) {
      installed = false;
    }
    if (!installed) {
      System.out.println("skipped for lack of Node.js with npm and its registry: " + file + " of " + source);
    }
    return installed ? Optional.of(new NodeProgram(directory, file)) : Optional.empty();
  }

  /** The program to be started with these arguments, in its directory. */
  ProcessBuilder process(Map<String, String> environment, String... arguments) {
    var command = new ArrayList<>(List.of("node", file));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    return builder;
  }
}
