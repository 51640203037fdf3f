// SPDX-License-Identifier: Apache-2.0
/** The parts as processes, with networks between them that can be spoiled. */
@NullMarked
package dev.otaverify.faults.stack;

import org.jspecify.annotations.NullMarked;
