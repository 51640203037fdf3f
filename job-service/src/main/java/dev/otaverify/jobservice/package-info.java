// SPDX-License-Identifier: Apache-2.0
/** The write side: decides on what clients ask for, and keeps the record of products, devices, firmware and jobs. */
@NullMarked
package dev.otaverify.jobservice;

import org.jspecify.annotations.NullMarked;
