// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PositionsTableTest {

  @Test
  void theTableOfPositionsIsThatOfTheUnitOfWork() throws IOException {
    try (var own = resource("/db/api-gateway/V3__consumer_position.sql");
        var kit = resource("/db/service-kit/V1__consumer_position.sql")) {
      assertThat(own).hasSameContentAs(kit);
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(PositionsTableTest.class.getResourceAsStream(name), name);
  }
}
