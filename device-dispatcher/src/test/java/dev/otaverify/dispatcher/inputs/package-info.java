// SPDX-License-Identifier: Apache-2.0
/** Inputs on a real PostgreSQL. */
@NullMarked
package dev.otaverify.dispatcher.inputs;

import org.jspecify.annotations.NullMarked;
