// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts.query;

import dev.otaverify.contracts.ProductKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A product as it is known. {@code deviceCount} counts its registered devices, disabled ones too. */
public record ProductView(ProductKey productKey, String name, int nodeType, int dataFormat,
    @Nullable String description, int deviceCount, Instant createdAt) {}
