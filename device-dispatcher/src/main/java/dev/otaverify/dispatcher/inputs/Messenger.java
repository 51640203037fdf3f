// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.inputs;

import java.time.Instant;

/** Says something to a device. */
public interface Messenger {

  /**
   * What sends the message when it is run. Running it does not wait for the network and does not throw; the message may
   * be lost.
   *
   * @param now when it was decided
   */
  Runnable sending(Said said, Instant now);
}
