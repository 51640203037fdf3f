// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import org.HdrHistogram.Histogram;

/**
 * What one phase of load came to, without its warm-up.
 *
 * @param perSecond calls that were answered; a refusal is quick, and no work done
 * @param latency of each call in microseconds; of load at a fixed rate from the moment that the call was due, so that what waits behind a
 *   slow answer counts as slow too
 * @param failed calls that were refused or not answered
 */
record Measured(double perSecond, Histogram latency, long failed) {

  /** Milliseconds that so many percent of the calls took at most. */
  double milliseconds(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1000.0;
  }
}
