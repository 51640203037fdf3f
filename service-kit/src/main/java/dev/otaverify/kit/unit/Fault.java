// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Whose fault a failed unit is. The whole table is here.
 *
 * <pre>
 * STOP    the partition was refused                         wait for an operator
 * LOST    another owner                                     claim again, if still assigned
 * SYSTEM  the database or Kafka, or a time limit            claim again after a pause, without end
 * RECORD  deciding failed, or SQLSTATE class 22 or 23       one by one; from outside: put aside, else STOP
 * </pre>
 */
enum Fault {
  STOP, LOST, SYSTEM, RECORD;

  static Fault of(Throwable failure) {
    for (@Nullable
    Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case StoppedPartitionException stopped -> {
          return STOP;
        }
        case LostOwnershipException lost -> {
          return LOST;
        }
        case UndecidableException undecidable -> {
          return RECORD;
        }
        case R2dbcException database -> {
          return isForItsData(database) ? RECORD : SYSTEM;
        }
        case KafkaException kafka -> {
          return SYSTEM;
        }
        case IOException io -> {
          return SYSTEM;
        }
        case TimeoutException late -> {
          return SYSTEM;
        }
        case InterruptedException stopping -> {
          return SYSTEM;
        }
        default -> {
        }
      }
    }
    // Reactor reports its own time limits and interruptions as plain IllegalStateExceptions.
    return String.valueOf(failure.getMessage()).startsWith("Timeout on blocking read")
        || failure.getCause() instanceof InterruptedException ? SYSTEM : RECORD;
  }

  private static boolean isForItsData(R2dbcException refused) {
    @Nullable
    String state = refused.getSqlState();
    return state != null && (state.startsWith("22") || state.startsWith("23"));
  }
}
