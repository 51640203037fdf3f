// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.aggregator.query;

/** What was written before the query could not be shown in time; answered with 503, as an older answer would be wrong. */
final class BehindException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BehindException(Throwable cause) {
    super("not caught up in time with what was written before the query", cause);
  }
}
