// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import org.jspecify.annotations.Nullable;

/**
 * What is said to a {@link FirmwareQuestion}.
 *
 * @param behind whether not all was read yet that was written before the question: then it must be asked alone, which waits for that
 * @param firmware null if there is none of that id for that account, or if it is {@code behind}
 */
public record FirmwareAnswer(boolean behind, @Nullable FirmwareView firmware) {
  public static final FirmwareAnswer BEHIND = new FirmwareAnswer(true, null);
}
