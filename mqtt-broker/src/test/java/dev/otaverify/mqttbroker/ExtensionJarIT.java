// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The extension as it is put into HiveMQ's own image, which runs Java 21. */
class ExtensionJarIT {
  private static final Path EXTENSION = Path.of("target", "ota-extension");
  private static final int JAVA = 21;
  /** JVMS, table 4.1-A. */
  private static final int CLASS_FILE_VERSION = 65;
  private static final Pattern FOR_LATER_VERSIONS = Pattern.compile("META-INF/versions/(\\d+)/.*");

  @Test
  void every_class_in_it_and_in_its_libraries_can_be_loaded_by_Java_21() throws IOException {
    var versions = new TreeMap<String, Integer>();
    try (var jar = new JarFile(EXTENSION.resolve("ota-extension.jar").toFile())) {
      for (JarEntry entry : jar.stream().filter(ExtensionJarIT::isClassForIt).toList()) {
        try (var in = new DataInputStream(jar.getInputStream(entry))) {
          assertThat(in.readInt()).as(entry.getName()).isEqualTo(0xCAFEBABE);
          in.readUnsignedShort();
          versions.put(entry.getName(), in.readUnsignedShort());
        }
      }
    }

    assertThat(versions).containsKeys("dev/otaverify/mqttbroker/OtaExtension.class",
        "dev/otaverify/contracts/DeviceInput.class", "org/apache/kafka/clients/producer/KafkaProducer.class",
        "tools/jackson/core/JsonParser.class");
    assertThat(versions).allSatisfy((name, version) -> assertThat(version).isLessThanOrEqualTo(CLASS_FILE_VERSION));
  }

  @Test
  void its_descriptor_names_it() throws IOException {
    assertThat(Files.readString(EXTENSION.resolve("hivemq-extension.xml"))).contains("<id>ota-extension</id>")
        .doesNotContain("@");
  }

  private static boolean isClassForIt(JarEntry entry) {
    var later = FOR_LATER_VERSIONS.matcher(entry.getName());
    return entry.getName().endsWith(".class") && (!later.matches() || Integer.parseInt(later.group(1)) <= JAVA);
  }
}
