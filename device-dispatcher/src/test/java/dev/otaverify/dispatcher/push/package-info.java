// SPDX-License-Identifier: Apache-2.0
/** What is said to devices, and what becomes of it. */
@NullMarked
package dev.otaverify.dispatcher.push;

import org.jspecify.annotations.NullMarked;
