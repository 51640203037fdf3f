// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.simulator;

import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.Wire;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a device is told about an upgrade, and insists on, as the strictest of the vendor's SDKs do.
 *
 * @param digest the algorithm that Java knows it by
 * @param sign hex digits
 */
record Upgrade(String version, URI url, long size, String digest, String sign, String module) {

  /** Reads a push, or the answer to a request for one; empty if it is no upgrade that a device would understand. */
  static Optional<Upgrade> read(byte[] payload) {
    try {
      var data = Wire.JSON.readTree(payload).path("data");
      var version = text(data, "version");
      var url = text(data, "url");
      var sign = text(data, "sign");
      var digest = digest(text(data, "signMethod"));
      var module = text(data, "module");
      if (version == null || url == null || sign == null || digest == null || !data.path("size").isIntegralNumber()) {
        return Optional.empty();
      }
      return Optional.of(new Upgrade(version, URI.create(url), data.path("size").longValue(), digest, sign,
          module == null ? ModuleName.DEFAULT.value() : module));
    } catch (JacksonException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static @Nullable String text(JsonNode data, String name) {
    return data.path(name).isString() ? data.path(name).stringValue() : null;
  }

  /** Exactly these spellings: the SDK for C knows no others. */
  private static @Nullable String digest(@Nullable String signMethod) {
    return switch (signMethod) {
      case "Md5" -> "MD5";
      case "SHA256", "Sha256" -> "SHA-256";
      case null, default -> null;
    };
  }
}
