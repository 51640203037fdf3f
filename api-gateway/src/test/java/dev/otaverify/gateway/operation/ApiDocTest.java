// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.otaverify.contracts.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/API.md is what the operations declare. {@code -Dota.docs.update=true} writes it anew. */
class ApiDocTest {
  private static final Path DOC = Path.of("..", "docs", "API.md");

  @Test
  void theTableOfOperationsIsWhatTheyDeclare() throws IOException {
    if (Boolean.getBoolean("ota.docs.update")) {
      Files.writeString(DOC, page());
    }

    assertThat(Files.readString(DOC)).as("docs/API.md; mvn -pl api-gateway -am test -Dtest=ApiDocTest"
        + " -Dsurefire.failIfNoSpecifiedTests=false -Dota.docs.update=true writes it").isEqualTo(page());
  }

  private static String page() {
    var page = new StringBuilder(
        """
        # The API

        Written from the operation classes by `ApiDocTest`, which fails when this page is not what they declare.

        Every operation is `Action` of version `2018-01-20`, by GET or POST on `/`, with parameters in the query or a form,
        signed with HMAC-SHA1 (`SignatureVersion` 1.0) or ACS3-HMAC-SHA256. `IotInstanceId` is accepted by all: absent, or the
        id of this instance (`iot.system.InstanceNotFound` otherwise). A parameter that is not listed is ignored; one listed
        under *without effect* is documented by the vendor and has none here. A required parameter that is missing is HTTP 400
        `Missing…`; any other breach is HTTP 200 with `Success` false and the code that stands beside the parameter.

        An account has so many calls in any second as stands below, through all its keys and users and all gateways together;
        `ota.gateway.quotas` changes that by action and account. One more is HTTP 400 `Throttling.User`, whose `Message` and
        `Retry-After` say how long to wait. A request that is repeated (same signature) because its answer did not come is not
        another call. A sub-user who may not call an action gets HTTP 403 `Forbidden.RAM`.

        """);
    new TreeMap<>(new KnownAnswers().operations.all())
        .forEach((action, operation) -> describe(page, action, operation));
    return page.toString();
  }

  private static void describe(StringBuilder page, String action, Operation operation) {
    page.append("## ").append(action).append("\n\n").append(operation.callsPerSecond())
        .append(" calls per second and account.\n\n");
    if (!operation.parameters().isEmpty()) {
      page.append("| parameter | required | form | default | refused with |\n| --- | --- | --- | --- | --- |\n");
      operation.parameters()
          .forEach(parameter -> page.append("| `")
              .append(parameter instanceof ListParameter ? parameter.name() + ".N" : parameter.name()).append("` | ")
              .append(parameter.isRequired() ? "yes" : "").append(" | ").append(parameter.expected()).append(" | ")
              .append(parameter.whenAbsent()).append(" | `").append(parameter.breach().code()).append("` |\n"));
      page.append('\n');
    }
    var codes = new TreeSet<>(operation.codes().stream().map(ErrorCode::code).toList());
    if (!codes.isEmpty()) {
      page.append("Refused with ").append(codes(codes.stream())).append(".\n\n");
    }
    if (!operation.ignored().isEmpty()) {
      page.append("Without effect: ").append(codes(operation.ignored().stream())).append(".\n\n");
    }
  }

  private static String codes(Stream<String> names) {
    return names.map(name -> "`" + name + "`").collect(Collectors.joining(", "));
  }
}
