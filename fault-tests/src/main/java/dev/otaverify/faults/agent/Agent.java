// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.faults.agent;

import static net.bytebuddy.matcher.ElementMatchers.isStatic;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.none;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.utility.JavaModule;
import org.jspecify.annotations.Nullable;

/**
 * Goes into the JVM of a service, by {@code -javaagent:JAR=clock=FILE,hesitate=MILLIS,defect=ID}, each of them optional.
 *
 * <pre>
 * clock      milliseconds by which the service's clock differs, read from the file again and again
 * hesitate   units of work pause at random, for so long at most, where it would hurt most
 * defect     a {@link Defect}
 * </pre>
 */
@SuppressWarnings("UnusedVariable") // what an advice assigns to its parameters is seen by the method it is inlined into
public final class Agent {
  /** What the JDK's own classes can reach. */
  static final String CLOCK = "otaverify.faults.clock";
  static final String HESITATE = "otaverify.faults.hesitate";

  private static final String UNIT = "dev.otaverify.kit.unit.UnitOfWork";
  private static final long READ_EVERY_MS = 200;

  private Agent() {}

  /** See above. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    for (var argument : arguments.split(",", -1)) {
      var parts = argument.split("=", 2);
      switch (parts[0]) {
        case "clock" -> clock(Path.of(parts[1]), instrumentation);
        case "hesitate" -> hesitate(Integer.parseInt(parts[1]), instrumentation);
        case "defect" -> defect(Defect.of(parts[1]), instrumentation);
        default -> throw new IllegalArgumentException(
            "agent: " + argument + " (expected: clock=FILE, hesitate=MILLIS or defect=ID)");
      }
    }
  }

  /** A jar for {@code -javaagent}; the classes are found on the class path. */
  public static Path jar(Path dir) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", Agent.class.getName());
    manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
    var jar = dir.resolve("agent.jar");
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    return jar;
  }

  private static void clock(Path file, Instrumentation instrumentation) {
    System.setProperty(CLOCK, "0");
    new AgentBuilder.Default().disableClassFormatChanges().ignore(none())
        .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION).type(named("java.time.Clock"))
        .transform((builder, type, loader, module, domain) -> builder
            .visit(Advice.to(ShiftedInstant.class).on(named("currentInstant").and(isStatic()))))
        .type(named("java.time.Clock$SystemClock"))
        .transform((builder, type, loader, module, domain) -> builder
            .visit(Advice.to(ShiftedInstant.class).on(named("instant")))
            .visit(Advice.to(ShiftedMillis.class).on(named("millis"))))
        .type(named("org.apache.kafka.common.utils.SystemTime"))
        .transform((builder, type, loader, module, domain) -> builder
            .visit(Advice.to(ShiftedMillis.class).on(named("milliseconds"))))
        .installOn(instrumentation);
    Thread.ofPlatform().daemon().name("clock-of-faults").start(() -> {
      while (true) {
        try {
          System.setProperty(CLOCK, Files.readString(file).strip());
          Thread.sleep(READ_EVERY_MS);
        } catch (IOException nothingToReadYet) {
          // Then it stays as it is.
        } catch (InterruptedException e) {
          return;
        }
      }
    });
  }

  private static void hesitate(int millis, Instrumentation instrumentation) {
    System.setProperty(HESITATE, Integer.toString(millis));
    on(UNIT, named("transact").and(takesArguments(3)), Hesitation.class, instrumentation);
    on(UNIT, named("publish"), Hesitation.class, instrumentation);
  }

  private static void defect(Defect defect, Instrumentation instrumentation) {
    switch (defect) {
      case ACKNOWLEDGED_BEFORE_COMMIT -> on(UNIT, named("store"), Published.class, instrumentation);
      case NO_EPOCH_CHECK -> {
        on(UNIT, named("lockRows").and(isStatic()), AnyOwner.class, instrumentation);
        // What is decided on twice would be passed over.
        on("dev.otaverify.dispatcher.inputs.Fold", named("isHeardAgain"), NotHeard.class, instrumentation);
      }
      case PENDING_OUTPUT_FORGOTTEN ->
        on("dev.otaverify.kit.unit.PendingOutput", named("ofBytes"), Nothing.class, instrumentation);
      case NO_READ_BARRIER ->
        on("dev.otaverify.aggregator.query.ReadBarrier", named("readUntil").or(named("readOnce")), NothingAsked.class,
            instrumentation);
      case LATE_REPORT_COUNTS ->
        on("dev.otaverify.dispatcher.device.DeviceTask", named("evolve"), StillOpen.class, instrumentation);
    }
  }

  private static void on(String type, ElementMatcher.Junction<MethodDescription> method, Class<?> advice,
      Instrumentation instrumentation) {
    new AgentBuilder.Default().disableClassFormatChanges().with(new Failing()).type(named(type))
        .transform((builder, on, loader, module, domain) -> builder.visit(Advice.to(advice).on(method)))
        .installOn(instrumentation);
  }

  /** A defect that is not there would be found by nobody, for the wrong reason. */
  private static final class Failing extends AgentBuilder.Listener.Adapter {
    @Override
    public void onError(String type, @Nullable ClassLoader loader, @Nullable JavaModule module, boolean loaded,
        Throwable failure) {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  /** Inlined into the JDK, so it may only use that. */
  static final class ShiftedInstant {
    @Advice.OnMethodExit
    static void shift(@Advice.Return(readOnly = false) java.time.Instant now) {
      now = now.plusMillis(Long.getLong("otaverify.faults.clock", 0L));
    }
  }

  /** Inlined into the JDK, so it may only use that. */
  static final class ShiftedMillis {
    @Advice.OnMethodExit
    static void shift(@Advice.Return(readOnly = false) long now) {
      now = now + Long.getLong("otaverify.faults.clock", 0L);
    }
  }

  /** Before a unit begins, and between its commit and what it publishes. */
  static final class Hesitation {
    @Advice.OnMethodEnter
    static void pause() {
      Defects.hesitate();
    }
  }

  /** {@link Defect#ACKNOWLEDGED_BEFORE_COMMIT}. */
  static final class Published {
    @Advice.OnMethodEnter
    static void early(@Advice.Argument(2) java.util.Map<?, ?> records) {
      Defects.publish(records);
    }
  }

  /** {@link Defect#NO_EPOCH_CHECK}. */
  static final class AnyOwner {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static Instant skip(@Advice.Argument(0) Object connection, @Advice.Argument(1) String topic,
        @Advice.Argument(2) Integer[] partitions) {
      return Defects.lock(connection, topic, partitions);
    }

    @Advice.OnMethodExit
    static void replace(@Advice.Enter Instant locked, @Advice.Return(readOnly = false) Instant result) {
      result = locked;
    }
  }

  /** {@link Defect#NO_EPOCH_CHECK}. */
  static final class NotHeard {
    @Advice.OnMethodExit
    static void forget(@Advice.Return(readOnly = false) boolean heard) {
      heard = false;
    }
  }

  /** {@link Defect#PENDING_OUTPUT_FORGOTTEN}. */
  static final class Nothing {
    @Advice.OnMethodExit
    static void forget(@Advice.Return(readOnly = false) java.util.List<?> pending) {
      pending = java.util.List.of();
    }
  }

  /** {@link Defect#NO_READ_BARRIER}. */
  static final class NothingAsked {
    @Advice.OnMethodEnter
    static void ask(@Advice.Argument(value = 0, readOnly = false) java.util.Map<?, ?> asked) {
      asked = Defects.beginnings(asked);
    }
  }

  /** {@link Defect#LATE_REPORT_COUNTS}. */
  static final class StillOpen {
    @Advice.OnMethodExit
    // Not by its name, which would load the type while it is being changed.
    static void reopen(@Advice.Argument(1) Object event,
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) Object task) {
      task = Defects.reopened(task, event);
    }
  }
}
