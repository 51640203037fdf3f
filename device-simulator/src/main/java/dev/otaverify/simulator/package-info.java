// SPDX-License-Identifier: Apache-2.0
/** Devices that are simulated down to the wire: they log in, hear of upgrades, download and report as real ones do. */
@NullMarked
package dev.otaverify.simulator;

import org.jspecify.annotations.NullMarked;
