// SPDX-License-Identifier: Apache-2.0
/** What the gateways, which keep the files of firmware, must know of them: which are still needed. */
@NullMarked
package dev.otaverify.jobservice.files;

import org.jspecify.annotations.NullMarked;
