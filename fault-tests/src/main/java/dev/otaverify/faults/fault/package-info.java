// SPDX-License-Identifier: Apache-2.0
/** What is broken, when, and mended again. */
@NullMarked
package dev.otaverify.faults.fault;

import org.jspecify.annotations.NullMarked;
