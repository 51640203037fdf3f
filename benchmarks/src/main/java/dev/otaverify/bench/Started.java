// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import com.hivemq.embedded.EmbeddedHiveMQ;
import dev.otaverify.bench.Figures.Side;
import dev.otaverify.localinfra.FreePorts;
import dev.otaverify.localinfra.LocalKafka;
import dev.otaverify.localinfra.LocalPostgres;
import dev.otaverify.localstack.LocalStack;
import dev.otaverify.localstack.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/** One side of {@link StartComparison}, as a process: says when it is ready, and waits to be stopped. */
final class Started {
  private final ConcurrentLinkedDeque<AutoCloseable> running = new ConcurrentLinkedDeque<>();

  public static void main(String[] args) throws Exception {
    var started = new Started();
    var dir = Path.of(args[1]);
    switch (Side.valueOf(args[0])) {
      case STACK ->
        started.running.push(LocalStack.start(Settings.openOrMake(dir, Settings.Ports.FREE, Duration.ofMinutes(1))));
      case OTHER -> started.bare(dir);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(started::stop));
    System.out.println(Bare.READY);
    new CountDownLatch(1).await();
  }

  /** In the stages of the stack: what others need first. */
  private void bare(Path dir) {
    together(List.of(() -> running.push(LocalKafka.start(LocalKafka.Config.in(dir.resolve("kafka")))),
        () -> running.push(LocalPostgres.start(LocalPostgres.Config.in(dir.resolve("postgres"))))));
    together(List.of(() -> running.push(broker(dir.resolve("mqtt"))), () -> running.push(
        new SpringApplicationBuilder(Empty.class).run("--server.port=" + FreePorts.choose(),
            "--server.address=127.0.0.1", "--spring.main.banner-mode=off"))));
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({HttpHandlerAutoConfiguration.class, WebFluxAutoConfiguration.class,
      NettyReactiveWebServerAutoConfiguration.class})
  static class Empty {}

  private static AutoCloseable broker(Path dir) {
    try {
      var config = Files.createDirectories(dir.resolve("conf"));
      Files.writeString(config.resolve("config.xml"),
          """
          <?xml version="1.0"?>
          <hivemq>
            <listeners><tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
            <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
          </hivemq>
          """.formatted(FreePorts.choose()));
      var hiveMq = EmbeddedHiveMQ.builder().withConfigurationFolder(config)
          .withDataFolder(Files.createDirectories(dir.resolve("data")))
          .withExtensionsFolder(Files.createDirectories(dir.resolve("extensions"))).withoutLoggingBootstrap().build();
      hiveMq.start().join();
      return () -> hiveMq.stop().join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void together(List<Runnable> tasks) {
    try (var threads = Executors.newCachedThreadPool()) {
      CompletableFuture.allOf(tasks.stream().map(task -> CompletableFuture.runAsync(task, threads))
          .toArray(CompletableFuture<?>[]::new)).join();
    }
  }

  private void stop() {
    for (var one = running.poll(); one != null; one = running.poll()) {
      try {
        one.close();
      } catch (Exception e) {
        System.err.println("ota: " + e);
      }
    }
  }
}
