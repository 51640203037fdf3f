// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.CommandId;

/**
 * Who proved to have sent a request, and which request it is.
 *
 * @param command the name of the request; the same when the same signed request comes again
 * @param fingerprint hex SHA-256 of what was signed and of the signature
 * @param traceparent the trace that the request belongs to, in the W3C form
 */
public record Caller(AccountId account, Permissions permissions, CommandId command, String fingerprint,
    String traceparent) {

  /** The same caller for one of several commands that one request comes to, always the same for the same name. */
  public Caller part(String name) {
    return new Caller(account, permissions, CommandId.of(command.value(), name), fingerprint, traceparent);
  }
}
