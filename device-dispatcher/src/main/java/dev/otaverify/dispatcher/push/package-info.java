// SPDX-License-Identifier: Apache-2.0
/** What is said to devices, as the vendor's device SDKs read it, and its way over MQTT. */
@NullMarked
package dev.otaverify.dispatcher.push;

import org.jspecify.annotations.NullMarked;
