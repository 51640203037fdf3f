// SPDX-License-Identifier: Apache-2.0
/** Clients and devices, which keep a record of all they were told and did. */
@NullMarked
package dev.otaverify.faults.load;

import org.jspecify.annotations.NullMarked;
