// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.util.FileSystemUtils;

/**
 * One stack for all tests of this JVM that ask for its {@link Settings}: started for the first, stopped after the last, or for one that has its own. A second counts as
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
    public void close() {
      stack.close();
      try {
        FileSystemUtils.deleteRecursively(directory);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static @Nullable Running running;

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Settings.class;
  }

  @Override
  public Settings resolveParameter(ParameterContext parameter, ExtensionContext context) {
    context.getRoot().getStore(Namespace.GLOBAL).computeIfAbsent(SharedStack.class, key -> SharedStack::stop,
        AutoCloseable.class);
    return started();
  }

  private static synchronized Settings started() {
    if (running == null) {
      running = Running.start();
    }
    return running.settings();
  }

  /** Stops it, for a test that needs a stack of its own: a JVM has one MQTT broker at a time. Whoever asks next starts it again. */
  static synchronized void stop() {
    if (running != null) {
      running.close();
      running = null;
    }
  }
}
