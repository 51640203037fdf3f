// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.sql.DatabaseException;
import java.io.IOException;
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
        case DatabaseException database -> {
          return database.isForItsData() ? RECORD : SYSTEM;
        }
        case KafkaException kafka -> {
          return SYSTEM;
        }
        case IOException io -> {
          return SYSTEM;
        }
        case InterruptedException stopping -> {
          return SYSTEM;
        }
        default -> {
        }
      }
    }
    return RECORD;
  }
}
