// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.aggregator.StatusAggregatorApplication;
import dev.otaverify.dispatcher.DeviceDispatcherApplication;
import dev.otaverify.gateway.ApiGatewayApplication;
import dev.otaverify.jobservice.JobServiceApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The run of a service that makes the class cache of its image ({@code deploy/train}): it ends when everything is wired, and has neither
 * Kafka nor a database. Without it there is no image.
 */
class TrainingRunIT {
  private static final Path SETTINGS = Path.of("../deploy/training.properties").toAbsolutePath().normalize();

  @TempDir
  private Path directory;

  private final Map<String, Process> runs = new LinkedHashMap<>();

  @AfterEach
  void stops() {
    runs.values().forEach(Process::destroyForcibly);
  }

  @Test
  void endsWhenEverythingIsWired() throws IOException, InterruptedException {
    for (var service : List.of(ApiGatewayApplication.class, JobServiceApplication.class,
        DeviceDispatcherApplication.class, StatusAggregatorApplication.class)) {
      runs.put(service.getSimpleName(),
          StackProcess.start(directory, service.getSimpleName(), service,
              List.of("--spring.config.additional-location=file:" + SETTINGS), "-Dspring.context.exit=onRefresh",
              "-Djava.io.tmpdir=" + directory));
    }

    for (var run : runs.entrySet()) {
      assertThat(run.getValue().waitFor(2, TimeUnit.MINUTES)).as(run.getKey()).isTrue();
      assertThat(run.getValue().exitValue()).as(() -> log(run.getKey())).isZero();
    }
  }

  private String log(String name) {
    try {
      return name + ": " + Files.readString(directory.resolve(name + ".log"));
    } catch (IOException e) {
      return name + ": " + e;
    }
  }
}
