// SPDX-License-Identifier: Apache-2.0
/** What is done to a service from within its JVM, so that its sources need not know: its clock, its pace, deliberate defects. */
@NullMarked
package dev.otaverify.faults.agent;

import org.jspecify.annotations.NullMarked;
