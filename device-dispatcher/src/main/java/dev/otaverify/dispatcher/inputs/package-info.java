// SPDX-License-Identifier: Apache-2.0
/** What moves devices and their tasks: each batch of inputs is folded through the pure decisions and stored. */
@NullMarked
package dev.otaverify.dispatcher.inputs;

import org.jspecify.annotations.NullMarked;
