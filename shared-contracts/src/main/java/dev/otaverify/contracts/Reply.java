// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.time.Instant;

/** The answer to a client's command; on {@link Topics#REPLIES}, to the partition and gateway that the command named. */
public sealed interface Reply {
  /** The command that is answered. */
  CommandId commandId();

  /** Done: its events are in their topics. {@code at} is the time of the decision. */
  @WireType("dev.otaverify.reply.accepted.v1")
  record Accepted(CommandId commandId, Instant at) implements Reply {}

  /** Refused: nothing was done. {@code code} is one of {@link ErrorCode}; {@code message} is for people. */
  @WireType("dev.otaverify.reply.rejected.v1")
  record Rejected(CommandId commandId, String code, String message) implements Reply {}
}
