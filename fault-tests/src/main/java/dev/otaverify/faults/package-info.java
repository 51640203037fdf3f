// SPDX-License-Identifier: Apache-2.0
/** A running stack of many processes, broken at random, and what it promised counted from outside. */
@NullMarked
package dev.otaverify.faults;

import org.jspecify.annotations.NullMarked;
