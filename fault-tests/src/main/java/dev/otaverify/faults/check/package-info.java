// SPDX-License-Identifier: Apache-2.0
/** What the history must be like; nothing of the services' own code is asked. */
@NullMarked
package dev.otaverify.faults.check;

import org.jspecify.annotations.NullMarked;
