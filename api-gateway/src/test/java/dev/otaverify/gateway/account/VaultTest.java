// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {
  private static final String MASTER_KEY = "0123456789abcdef0123456789abcdef";

  @Test
  void whatWasSealedOpensUnderItsNameOnly() throws Exception {
    var vault = new Vault(MASTER_KEY);
    var sealed = vault.seal("key-1", "geheim, 秘密");

    assertThat(new Vault(MASTER_KEY).open("key-1", sealed)).isEqualTo("geheim, 秘密");
    assertThat(vault.seal("key-1", "geheim, 秘密")).isNotEqualTo(sealed);
    assertThat(new String(sealed, StandardCharsets.UTF_8)).doesNotContain("geheim");
    assertThatThrownBy(() -> vault.open("key-2", sealed)).isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> new Vault(MASTER_KEY + "x").open("key-1", sealed))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void anyChangedByteIsFound() {
    var vault = new Vault(MASTER_KEY);
    var sealed = vault.seal("key-1", "secret");

    for (int i = 0; i < sealed.length; i++) {
      var changed = sealed.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> vault.open("key-1", changed)).isInstanceOf(GeneralSecurityException.class);
    }
    assertThatThrownBy(() -> vault.open("key-1", new byte[0])).isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void theMasterKeyComesFromOnePlaceAndIsNeverShown(@TempDir Path directory) throws Exception {
    var file = Files.writeString(directory.resolve("master-key"), MASTER_KEY + "\n");
    var sealed = new MasterKeyProperties(MASTER_KEY, null).vault().seal("key-1", "secret");

    assertThat(new MasterKeyProperties(null, file).vault().open("key-1", sealed)).isEqualTo("secret");
    assertThat(new MasterKeyProperties(MASTER_KEY, null).toString()).doesNotContain(MASTER_KEY);
    assertThatThrownBy(() -> new MasterKeyProperties(null, null).vault()).hasMessageContaining("neither");
    assertThatThrownBy(() -> new MasterKeyProperties(MASTER_KEY, file).vault()).hasMessageContaining("both")
        .hasMessageNotContaining(MASTER_KEY);
    assertThatThrownBy(() -> new MasterKeyProperties("too short", null).vault())
        .hasMessage("ota.gateway.master-key: 9 characters (expected: 32 or more random ones)");
    assertThatThrownBy(() -> new MasterKeyProperties(null, directory.resolve("none")).vault())
        .hasMessageContaining("ota.gateway.master-key-file: " + directory.resolve("none"));
  }
}
