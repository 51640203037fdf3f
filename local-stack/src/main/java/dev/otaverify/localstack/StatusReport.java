// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@code ./ota status} prints: each part with its address and state, each process with its resident memory. */
public final class StatusReport {
  private final Settings settings;
  private final PrintStream out;

  StatusReport(Settings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
  }

  /** Prints it, and says whether every part is up. */
  boolean print() {
    boolean allUp = true;
    for (var part : Part.values()) {
      var state = state(part);
      allUp &= state.equals("up");
      out.printf("%-18s %-21s %s%n", part.id(), settings.address(part), state);
      if (part.isManaged()) {
        out.printf("%-18s http://127.0.0.1:%d/actuator/prometheus%n", "  its metrics", settings.managementPort(part));
      }
    }
    var processes = processes();
    long total = 0;
    for (var process : processes.entrySet()) {
      long bytes = process.getValue().stream().mapToLong(StatusReport::memory).sum();
      total += bytes;
      out.printf("memory of %-18s %4d MiB in %d process%s%n", process.getKey(), bytes >> 20, process.getValue().size(),
          process.getValue().size() == 1 ? "" : "es");
    }
    out.printf("resident memory, pages shared by processes counted once: %d MiB%n", total >> 20);
    return allUp;
  }

  private String state(Part part) {
    if (!part.isService()) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port(part)), 1000);
        return "up";
      } catch (IOException refused) {
        return "down";
      }
    }
    var request = HttpRequest.newBuilder(URI.create(settings.url(part) + "/readyz"))
        .timeout(Duration.ofSeconds(3)).build();
    try (var http = HttpClient.newHttpClient()) {
      var response = http.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 ? "up" : "not ready: " + response.body();
    } catch (IOException refused) {
      return "down";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }

  private Map<String, List<ProcessHandle>> processes() {
    var processes = new LinkedHashMap<String, List<ProcessHandle>>();
    for (var running : new Processes(settings.dir()).running()) {
      processes.put(running.name(), List.of(running.handle()));
    }
    postmaster().ifPresent(server -> processes.put("postgres (server)",
        Stream.concat(Stream.of(server), server.descendants()).toList()));
    return processes;
  }

  private Optional<ProcessHandle> postmaster() {
    try (var lines = Files.lines(settings.dir().resolve("postgres/data/postmaster.pid"), StandardCharsets.UTF_8)) {
      return lines.findFirst().flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())));
    } catch (IOException | NumberFormatException none) {
      return Optional.empty();
    }
  }

  /** Bytes. Linux tells a process's share of what it shares with others; elsewhere it is what {@code ps} says. */
  public static long memory(ProcessHandle process) {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "smaps_rollup"))) {
      return lines.filter(line -> line.startsWith("Pss:")).mapToLong(StatusReport::number).sum() << 10;
    } catch (IOException notLinux) {
      return residentByPs(process);
    }
  }

  /** Threads of the operating system; 0 where it does not tell. */
  public static long threads(ProcessHandle process) {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      return lines.filter(line -> line.startsWith("Threads:")).mapToLong(StatusReport::number).sum();
    } catch (IOException notLinux) {
      return 0;
    }
  }

  private static long residentByPs(ProcessHandle process) {
    try {
      var ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(process.pid())).start();
      var text = new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? 0 : Long.parseLong(text) << 10;
    } catch (IOException | NumberFormatException unknown) {
      return 0;
    }
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }
}
