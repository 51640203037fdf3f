// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Figures.Figure;
import dev.otaverify.bench.Figures.Side;
import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells what was measured: a table, a JSON file, and a page with the latencies as curves. */
final class Report {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 260;
  private static final int MARGIN = 48;
  private static final List<String> COLOURS = List.of("#0b6e99", "#c0392b", "#2e8b57", "#8e44ad", "#b8860b", "#555555");

  private final String name;
  private final String other;
  private final Figures figures;

  /** @param other what the stack was compared with */
  Report(String name, String other, Figures figures) {
    this.name = name;
    this.other = other;
    this.figures = figures;
  }

  /** Where this ran, without which no figure says anything. */
  static Map<String, String> machine() {
    var machine = new LinkedHashMap<String, String>();
    machine.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    machine.put("java", Runtime.version().toString());
    machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
        + System.getProperty("os.arch"));
    machine.put("memory",
        (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
            ? (os.getTotalMemorySize() >> 30) + " GiB"
            : "unknown"));
    machine.put("flags", ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-X")).collect(Collectors.joining(" ")));
    return machine;
  }

  /** Whether every target was met. */
  boolean print(PrintStream out) {
    out.printf("%n%s: medians; other: %s%n", name, other);
    out.printf("%-44s %14s %14s %7s  %s%n", "", "otaverify", "other", "ratio", "aim");
    for (var figure : figures.all()) {
      out.printf("%-44s %14s %14s %7s  %s%n", figure.name(), text(figure, Side.STACK), text(figure, Side.OTHER),
          figure.isCompared() ? "%.2f".formatted(figure.ratio()) : "", aim(figure));
    }
    return figures.all().stream().allMatch(Figure::isMet);
  }

  private static String text(Figure figure, Side side) {
    if (!figure.has(side)) {
      return "";
    }
    double median = figure.median(side);
    return Math.abs(median) >= 100 ? "%,.0f".formatted(median) : "%,.2f".formatted(median);
  }

  private static String aim(Figure figure) {
    Figures.@Nullable Target target = figure.target();
    return target == null ? "" : target.said() + (figure.isMet() ? ": met" : ": MISSED");
  }

  /** Writes {@code NAME.json} and {@code NAME.html}. */
  void write(Path dir) throws IOException {
    Files.createDirectories(dir);
    Files.writeString(dir.resolve(name + ".json"),
        Wire.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json()));
    Files.writeString(dir.resolve(name + ".html"), page());
  }

  private Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("name", name);
    json.put("other", other);
    json.put("machine", machine());
    json.put("figures", figures.all().stream().map(figure -> {
      var one = new LinkedHashMap<String, Object>();
      one.put("name", figure.name());
      one.put("otaverify", figure.values(Side.STACK));
      one.put("other", figure.values(Side.OTHER));
      if (figure.isCompared()) {
        one.put("ratio", figure.ratio());
      }
      Figures.@Nullable Target target = figure.target();
      if (target != null) {
        one.put("aim", target.said());
        one.put("met", figure.isMet());
      }
      return one;
    }).toList());
    return json;
  }

  private String page() {
    var rows = figures.all().stream()
        .map(figure -> "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>".formatted(
            escaped(figure.name()),
            text(figure, Side.STACK), text(figure, Side.OTHER),
            figure.isCompared() ? "%.2f".formatted(figure.ratio()) : "", escaped(aim(figure))))
        .collect(Collectors.joining("\n"));
    return """
           <!doctype html>
           <html lang="en"><meta charset="utf-8"><title>%1$s</title>
           <style>body{font:14px system-ui;margin:2em;max-width:60em} td,th{padding:.2em .8em;text-align:right}
           td:first-child,th:first-child{text-align:left}</style>
           <h1>%1$s</h1><p>Other: %2$s. %3$s.</p>
           <table><tr><th><th>otaverify<th>other<th>ratio<th>aim</tr>
           %4$s
           </table>
           %5$s
           </html>
           """.formatted(escaped(name), escaped(other),
        escaped(machine().entrySet().stream().map(one -> one.getKey() + " " + one.getValue())
            .collect(Collectors.joining(", "))),
        rows, figures.curves().isEmpty() ? "" : "<h2>Latency by percentile, last round</h2>" + curves());
  }

  /** Both axes logarithmic: nines to the right, milliseconds upwards. */
  private String curves() {
    var curves = figures.curves().entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
    double highest = curves.stream().mapToDouble(curve -> curve.getValue().milliseconds(99.9)).max().orElse(1);
    double lowest = Math.max(0.01,
        curves.stream().mapToDouble(curve -> curve.getValue().milliseconds(1)).min().orElse(1));
    var svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\">"
        .formatted(WIDTH + 260, HEIGHT + 2 * MARGIN, WIDTH + 260));
    for (double percentile : new double[]{0, 50, 90, 99, 99.9}) {
      svg.append(
          "<line x1=\"%1$.0f\" x2=\"%1$.0f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"#ddd\"/><text x=\"%1$.0f\" y=\"%4$d\">p%5$s</text>"
              .formatted(x(percentile), MARGIN, MARGIN + HEIGHT, MARGIN + HEIGHT + 16,
                  percentile == 99.9 ? "99.9" : Integer.toString((int) percentile)));
    }
    for (double milliseconds = 0.01; milliseconds <= highest * 10; milliseconds *= 10) {
      if (milliseconds >= lowest / 10 && y(milliseconds, lowest, highest) >= MARGIN) {
        svg.append("<text x=\"0\" y=\"%1$.0f\">%2$s ms</text>".formatted(y(milliseconds, lowest, highest),
            milliseconds < 1 ? "%.2f".formatted(milliseconds) : "%.0f".formatted(milliseconds)));
      }
    }
    int number = 0;
    for (var curve : curves) {
      var colour = COLOURS.get(number % COLOURS.size());
      var points = new StringBuilder();
      for (double percentile = 0; percentile < 99.9; percentile += (100 - percentile) / 12) {
        points.append("%.1f,%.1f ".formatted(x(percentile),
            y(curve.getValue().milliseconds(percentile), lowest, highest)));
      }
      svg.append("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>".formatted(colour, points))
          .append("<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>".formatted(WIDTH + 8, MARGIN + 16 * number, colour,
              escaped(curve.getKey())));
      number++;
    }
    return svg.append("</svg>").toString();
  }

  private static double x(double percentile) {
    return MARGIN + (WIDTH - MARGIN) * -Math.log10(1 - percentile / 100) / 3;
  }

  private static double y(double milliseconds, double lowest, double highest) {
    double share = Math.log(Math.max(milliseconds, lowest) / lowest) / Math.log(Math.max(highest / lowest, 1.01));
    return MARGIN + HEIGHT * (1 - share);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
