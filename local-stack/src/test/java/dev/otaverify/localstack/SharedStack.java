// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.util.FileSystemUtils;

/**
 * One stack for all tests of this JVM that ask for its {@link Settings}: started for the first, stopped after the last. A second counts as
 * a minute. Each test has products of its own there, and takes nothing for the only one of its kind.
 */
final class SharedStack implements ParameterResolver {
  private record Running(Path directory, Settings settings, LocalStack stack) implements AutoCloseable {
    static Running start() {
      try {
        var directory = Files.createTempDirectory("stack");
        var settings = Settings.openOrMake(directory, Settings.Ports.FREE, Duration.ofSeconds(1));
        return new Running(directory, settings, LocalStack.start(settings));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      stack.close();
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Settings.class;
  }

  @Override
  public Settings resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getRoot().getStore(Namespace.GLOBAL)
        .computeIfAbsent(SharedStack.class, key -> Running.start(), Running.class).settings();
  }
}
