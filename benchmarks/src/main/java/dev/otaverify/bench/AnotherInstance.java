// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.contracts.Topics;
import dev.otaverify.localinfra.FreePorts;
import dev.otaverify.localstack.Part;
import dev.otaverify.localstack.SeparateStack;
import dev.otaverify.localstack.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.MemberDescription;

/** One more instance of a service of a stack, which shares the partitions with the first. */
final class AnotherInstance {
  private static final String SETTINGS = "settings.properties";
  private static final Duration SHARED_WITHIN = Duration.ofSeconds(60);

  private final Stack stack;
  private final Part part;
  private final Path dir;
  private final SeparateStack process;

  private AnotherInstance(Stack stack, Part part, Path dir, SeparateStack process) {
    this.stack = stack;
    this.part = part;
    this.dir = dir;
    this.process = process;
  }

  /** Starts one; returns when each of the two has its share. */
  static AnotherInstance start(Stack stack, Part part) throws IOException, InterruptedException {
    var dir = withAnotherPort(stack.settings().dir(), part);
    var settings = Settings.openOrMake(dir, Settings.Ports.FREE, Duration.ofMinutes(1));
    var another = new AnotherInstance(stack, part, dir, SeparateStack.start(settings, part));
    another.awaitShared(2);
    return another;
  }

  List<ProcessHandle> jvms() {
    return Stack.jvms(dir);
  }

  /** Stops it; returns when the first has all partitions again. */
  void stop() throws InterruptedException {
    process.close();
    awaitShared(1);
  }

  /** A state directory with what the stack's has, but for the port of the part. */
  private static Path withAnotherPort(Path stack, Part part) throws IOException {
    var values = new Properties();
    try (var reader = Files.newBufferedReader(stack.resolve(SETTINGS))) {
      values.load(reader);
    }
    values.setProperty("port." + part.id(), Integer.toString(FreePorts.choose()));
    var dir = Files.createDirectories(stack.resolve("another-" + part.id()));
    try (var writer = Files.newBufferedWriter(dir.resolve(SETTINGS))) {
      values.store(writer, null);
    }
    return dir;
  }

  private void awaitShared(int members) throws InterruptedException {
    long giveUp = System.nanoTime() + SHARED_WITHIN.toNanos();
    var shares = shares();
    while (shares.size() != members || shares.contains(0)
        || shares.stream().mapToInt(share -> share).sum() != Topics.PARTITIONS) {
      if (System.nanoTime() > giveUp) {
        throw new IllegalStateException(
            part.id() + ": partitions by member " + shares + " (expected: shared by " + members + ")");
      }
      Thread.sleep(100);
      shares = shares();
    }
  }

  /** The partitions of each member of the service's consumer group, which has its name. */
  private List<Integer> shares() throws InterruptedException {
    try {
      return stack.admin().describeConsumerGroups(List.of(part.id())).all().get().values().stream()
          .flatMap(group -> group.members().stream()).map(AnotherInstance::share).toList();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static int share(MemberDescription member) {
    return member.assignment().topicPartitions().size();
  }
}
