// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import dev.otaverify.dispatcher.device.Outbound;
import java.util.Map;

/**
 * Something to say to a device, with the trace that it is part of.
 *
 * @param traceContext headers in the W3C form; none: it is part of no trace
 */
public record Said(Outbound message, Map<String, String> traceContext) {
  /** Copies the headers. */
  public Said {
    traceContext = Map.copyOf(traceContext);
  }
}
