// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.Command.ClientCommand;
import dev.otaverify.gateway.auth.Caller;
import java.time.Instant;
import reactor.core.publisher.Mono;

/** Hands commands to job-service. */
@FunctionalInterface
public interface Commands {

  /**
   * Sends the command and waits for the reply.
   *
   * @return when it was decided; a refusal is a {@link dev.otaverify.gateway.api.RefusedException}, and a
   *     {@link dev.otaverify.gateway.api.GatewayException} says whether anything may have been done
   */
  Mono<Instant> send(ClientCommand command, Caller caller);
}
