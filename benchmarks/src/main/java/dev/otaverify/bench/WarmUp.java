// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Calls that do not count, until the compilers of the JVMs that they go through rest. On few cores these have a third of the processor for minutes
 * after a start: as long as they do, what is measured is how long a JVM has run, not what it does.
 */
final class WarmUp {
  /** Of the time, what compilers may take of it when they rest: all compiler threads of all JVMs, waiting for the processor included. */
  private static final double RESTING = 0.25;

  private WarmUp() {}

  /** Some calls: seconds of them, so that compilers have something to see. */
  @FunctionalInterface
  interface Calls {
    void make() throws Exception;
  }

  /**
   * Warms up.
   *
   * @param jvms that the calls go through
   * @param most if the compilers do not rest until then, that is told, and good enough
   */
  static void with(String what, List<ProcessHandle> jvms, Duration most, PrintStream out, Calls calls)
      throws Exception {
    long begun = System.nanoTime();
    try (var compilers = Compilers.of(jvms)) {
      double share;
      do {
        long since = System.nanoTime();
        double before = compilers.seconds();
        calls.make();
        share = (compilers.seconds() - before) / secondsSince(since);
      } while (share > RESTING && secondsSince(begun) < most.toSeconds());
      out.printf("%s: warmed up for %.0f s; compilers were at work for %.0f %% of its end%n", what,
          secondsSince(begun), share * 100);
    }
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  /** Those of other JVMs on this machine. */
  private static final class Compilers implements AutoCloseable {
    private final List<JMXConnector> connectors = new ArrayList<>();
    private final List<CompilationMXBean> compilers = new ArrayList<>();

    static Compilers of(List<ProcessHandle> jvms) throws IOException, AttachNotSupportedException {
      var all = new Compilers();
      try {
        for (var jvm : jvms) {
          all.add(jvm);
        }
        return all;
      } catch (IOException | AttachNotSupportedException | RuntimeException e) {
        all.close();
        throw e;
      }
    }

    @SuppressWarnings("BanJNDI") // what answers is a process that this one has started
    private void add(ProcessHandle jvm) throws IOException, AttachNotSupportedException {
      var machine = VirtualMachine.attach(Long.toString(jvm.pid()));
      try {
        var connector = JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()));
        connectors.add(connector);
        compilers.add(ManagementFactory.newPlatformMXBeanProxy(connector.getMBeanServerConnection(),
            ManagementFactory.COMPILATION_MXBEAN_NAME, CompilationMXBean.class));
      } finally {
        machine.detach();
      }
    }

    /** What all of them took since their JVMs started. */
    double seconds() {
      return compilers.stream().mapToLong(CompilationMXBean::getTotalCompilationTime).sum()
          / (double) TimeUnit.SECONDS.toMillis(1);
    }

    @Override
    public void close() throws IOException {
      for (var connector : connectors) {
        connector.close();
      }
    }
  }
}
