// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;

/** A key with a certificate for 127.0.0.1 that it signed itself. */
record TestCertificate(Path keystore, TrustManagerFactory trusted) {
  /** One with characters that XML does not take as they are. */
  static final String PASSWORD = "key<store>&\"password\"";

  static TestCertificate in(Path directory) throws Exception {
    var keystore = directory.resolve("broker.p12");
    var keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair", "-alias", "broker", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=127.0.0.1", "-ext",
        "SAN=IP:127.0.0.1", "-validity", "2", "-storetype", "PKCS12", "-keystore", keystore.toString(), "-storepass",
        PASSWORD).inheritIO().start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).isZero();
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(certificates(keystore.toFile()));
    return new TestCertificate(keystore, trusted);
  }

  private static KeyStore certificates(File keystore) throws Exception {
    var store = KeyStore.getInstance(keystore, PASSWORD.toCharArray());
    var certificates = KeyStore.getInstance("PKCS12");
    certificates.load(null, null);
    certificates.setCertificateEntry("broker", store.getCertificate("broker"));
    return certificates;
  }
}
