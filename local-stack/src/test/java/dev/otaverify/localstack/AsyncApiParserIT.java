// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.Topics;
import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AsyncAPI document as its official parser sees it, and so every tool that is built on that. */
class AsyncApiParserIT {
  private static final Path CONTRACTS = Path.of("../shared-contracts/src/main/resources/dev/otaverify/contracts");

  @TempDir
  static Path directory;

  private static NodeProgram parser;

  @BeforeAll
  static void theParser() throws Exception {
    parser = NodeProgram.install(Path.of("src/test/asyncapi"), "parse.js", directory);
  }

  @Test
  void theDocumentParsesWithoutErrorOrWarning() throws Exception {
    // One message for each type, and the one of dead letters.
    assertThat(parse(CONTRACTS.resolve("asyncapi.yaml"))).isEqualTo("version 3.0.0, %d channels, %d messages\nexit 0"
        .formatted(Topics.all().size(), Wire.types().size() + 1));
  }

  @Test
  void aWordOfAnotherVersionOrASchemaThatIsNotThereIsFound() throws Exception {
    assertThat(parse(broken("action: send", "action: publish"))).contains("Error at operations/", "\"action\"")
        .endsWith("exit 1");
    assertThat(parse(broken("firmware.verified.v1.json", "firmware.verified.v2.json")))
        .contains("Error at ", "firmware.verified.v2.json").endsWith("exit 1");
  }

  private static Path broken(String text, String replacement) throws IOException {
    var document = Files.readString(CONTRACTS.resolve("asyncapi.yaml"));
    assertThat(document).contains(text);
    return Files.writeString(directory.resolve("broken.yaml"), document.replace(text, replacement)
        .replace("./schemas/", CONTRACTS.resolve("schemas").toAbsolutePath().normalize() + "/"));
  }

  private static String parse(Path document) throws Exception {
    var output = directory.resolve("output");
    var process = parser.process(Map.of(), document.toAbsolutePath().normalize().toString()).redirectErrorStream(true)
        .redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroy();
    }
    return Files.readString(output, StandardCharsets.UTF_8) + "exit " + process.exitValue();
  }
}
