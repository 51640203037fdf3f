// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import java.io.PrintStream;
import java.nio.file.Path;

/** One comparison, from nothing to its figures. */
interface Comparison {
  /** What {@code ./ota bench} calls it. */
  String name();

  /** What the stack is compared with. */
  String other();

  /**
   * Measures. Every round measures both sides, one after the other.
   *
   * @param dir for stacks; empty at first
   */
  Figures run(Path dir, int rounds, PrintStream out) throws Exception;
}
