// SPDX-License-Identifier: Apache-2.0
/** What was seen from outside. */
@NullMarked
package dev.otaverify.faults.history;

import org.jspecify.annotations.NullMarked;
