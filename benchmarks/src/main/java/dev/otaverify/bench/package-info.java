// SPDX-License-Identifier: Apache-2.0
/** Comparisons of a running stack with the least that does the same work, side by side in one run. */
@NullMarked
package dev.otaverify.bench;

import org.jspecify.annotations.NullMarked;
