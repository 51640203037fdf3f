// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

import dev.otaverify.localinfra.LocalKafka;
import dev.otaverify.localinfra.LocalPostgres;
import dev.otaverify.localinfra.PostgresEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The broker in this JVM, PostgreSQL beside it, both in a directory that goes when the JVM is gone. */
final class EmbeddedInfra implements Infra {

  private final Path dir;

  EmbeddedInfra() {
    try {
      dir = Files.createTempDirectory("otaverify-test-");
      reap(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void reap(Path dir) throws IOException {
    try (InputStream script = EmbeddedInfra.class.getResourceAsStream("reaper.sh")) {
      String text = new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
      new ProcessBuilder("sh", "-c", text, "reaper", dir.toString()).redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
  }

  @Override
  public String startKafka() {
    // Nobody restarts this one, and a busy machine may keep its heartbeat waiting: Kafka's own session timeout.
    return LocalKafka.start(LocalKafka.Config.in(dir.resolve("kafka")).with("broker.session.timeout.ms", "9000"))
        .bootstrapServers();
  }

  @Override
  public PostgresEndpoint startPostgres() {
    return LocalPostgres.start(LocalPostgres.Config.in(dir.resolve("postgres")).mode(LocalPostgres.Mode.FAST))
        .endpoint();
  }
}
