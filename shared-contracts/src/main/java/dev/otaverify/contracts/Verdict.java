// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

/** How a verification ends: verified if every device succeeded, else failed. */
public enum Verdict {
  VERIFIED, FAILED
}
