// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.bench.Figures.Side;
import dev.otaverify.bench.Figures.Target;
import dev.otaverify.contracts.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.DoubleStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiguresTest {
  private final Figures figures = new Figures();

  @Test
  void theRatioIsThatOfTheMedians() {
    add("rate", Side.STACK, 40, 60, 1_000);
    add("rate", Side.OTHER, 100, 140);

    var rate = figures.all().getFirst();
    assertThat(rate.median(Side.STACK)).isEqualTo(60);
    assertThat(rate.median(Side.OTHER)).isEqualTo(120);
    assertThat(rate.ratio()).isEqualTo(0.5);
  }

  @Test
  void anAimIsMissedByTheRatioOrByTheValueItself() {
    add("rate", Side.STACK, 49);
    add("rate", Side.OTHER, 100);
    add("memory", Side.STACK, 251);
    add("latency", Side.STACK, 2.1);
    add("latency", Side.OTHER, 1);
    figures.expect("rate", Target.ratioAtLeast(0.5));
    figures.expect("memory", Target.atMost(250));
    figures.expect("latency", Target.ratioAtMost(2));

    assertThat(figures.all()).noneMatch(Figures.Figure::isMet);
    assertThat(printed()).contains("ratio 0.50 or more: MISSED", "250 or less: MISSED", "ratio 2.00 or less: MISSED");
  }

  @Test
  void whatWasExpectedAndNeverMeasuredIsNotMet() {
    figures.expect("rate", Target.ratioAtLeast(0.5));
    figures.expect("memory", Target.atMost(250));

    assertThat(figures.all()).noneMatch(Figures.Figure::isMet);
  }

  @Test
  void theFilesHaveEveryRoundTheMachineAndTheCurves(@TempDir Path dir) throws IOException {
    add("rate", Side.STACK, 50, 60);
    add("rate", Side.OTHER, 100, 110);
    var latency = new Histogram(3);
    latency.recordValue(1_500);
    figures.addLatency("call", Side.STACK, new Measured(10, latency, 0));

    new Report("some", "another", figures).write(dir);

    var json = Wire.JSON.readTree(Files.readString(dir.resolve("some.json")));
    assertThat(json.path("figures").path(0).path("otaverify").toString()).isEqualTo("[50.0,60.0]");
    assertThat(json.path("machine").path("cores").asString()).isNotEmpty();
    assertThat(json.path("figures").path(1).path("name").asString()).isEqualTo("call p50, ms");
    assertThat(Files.readString(dir.resolve("some.html"))).contains("<svg", "call, otaverify", "</html>");
  }

  private void add(String name, Side side, double... values) {
    DoubleStream.of(values).forEach(value -> figures.add(name, side, value));
  }

  private String printed() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      assertThat(new Report("some", "another", figures).print(out)).isFalse();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
