// SPDX-License-Identifier: Apache-2.0
/** Reads which tasks have something due, and writes that into their devices' logs. */
@NullMarked
package dev.otaverify.dispatcher.sweep;

import org.jspecify.annotations.NullMarked;
