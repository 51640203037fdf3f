// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A live bar for each device; where the output is no terminal, a line for each change. */
final class ProgressView {
  private static final int WIDTH = 30;

  private final PrintStream out;
  private final boolean terminal;
  private final Map<String, String> shown = new HashMap<>();
  private int lines;

  ProgressView(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  void show(List<JsonNode> tasks) {
    if (terminal) {
      if (lines > 0) {
        // Up to the first bar, to draw over what is there.
        out.print("\u001b[" + lines + "A");
      }
      tasks.forEach(task -> out.print("\r\u001b[K" + bar(task) + "\n"));
      lines = tasks.size();
    } else {
      tasks.forEach(this::line);
    }
    out.flush();
  }

  private void line(JsonNode task) {
    var text = "%-10s %-11s %3d %%".formatted(task.path("DeviceName").asString(), task.path("TaskStatus").asString(),
        percent(task));
    if (!text.equals(shown.put(task.path("DeviceName").asString(), text))) {
      out.println(text);
    }
  }

  private static String bar(JsonNode task) {
    int full = percent(task) * WIDTH / 100;
    return "%-10s [%s%s] %3d %% %-11s %s".formatted(task.path("DeviceName").asString(), "#".repeat(full),
        "-".repeat(WIDTH - full), percent(task), task.path("TaskStatus").asString(),
        shortened(task.path("TaskDesc").asString("")));
  }

  private static String shortened(String description) {
    return description.length() <= 50 ? description : description.substring(0, 49) + "…";
  }

  /** {@code Progress} is text such as {@code 50.00}. */
  private static int percent(JsonNode task) {
    var progress = task.path("Progress").asString("");
    return progress.isEmpty() ? 0 : Math.clamp((int) Double.parseDouble(progress), 0, 100);
  }
}
