// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import org.jspecify.annotations.Nullable;

/**
 * What a firmware is, fixed when it is created.
 *
 * @param name unique within the account
 * @param destVersion the version that a device reports once it runs this firmware
 * @param srcVersion the version that a delta applies to; null for a full package
 * @param needToVerify false: no verification is asked for, and none is possible
 * @param udi free text handed to the device with the push
 */
public record FirmwareSpec(ProductKey productKey, ModuleName moduleName, String name, String destVersion,
    @Nullable String srcVersion, Type type, FirmwareFile file, boolean needToVerify, @Nullable String description,
    @Nullable String udi) {

  /** Whole image, or the difference from one version. */
  public enum Type {
    FULL, DELTA
  }

  /** @throws IllegalArgumentException if a delta has no source version, or a full package has one */
  public FirmwareSpec {
    Checks.that((type == Type.DELTA) == (srcVersion != null), "srcVersion", String.valueOf(srcVersion),
        "a version exactly when the type is DELTA");
  }
}
