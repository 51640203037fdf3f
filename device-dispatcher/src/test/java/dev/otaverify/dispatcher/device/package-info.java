// SPDX-License-Identifier: Apache-2.0
/** What may happen to a device and its tasks, as sentences and as an exhaustive search. */
@NullMarked
package dev.otaverify.dispatcher.device;

import org.jspecify.annotations.NullMarked;
