// SPDX-License-Identifier: Apache-2.0
/** The secrets of products and devices: how they are made, and who may read them. They are in no event and no log. */
@NullMarked
package dev.otaverify.jobservice.credentials;

import org.jspecify.annotations.NullMarked;
