// SPDX-License-Identifier: Apache-2.0
/** The dispatcher as a whole. */
@NullMarked
package dev.otaverify.dispatcher;

import org.jspecify.annotations.NullMarked;
