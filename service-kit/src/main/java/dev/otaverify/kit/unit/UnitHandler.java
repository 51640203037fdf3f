// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import java.util.List;

/** A service's decisions about what stands on one topic. */
public interface UnitHandler<T> {

  /**
   * Decides on records of one or more partitions, those of each in their order: loads the state they need, folds them through pure functions,
   * writes the changed rows. It may run again for the same records, alone or in a batch, so it has no effect but
   * through the transaction and its output.
   *
   * @return what follows
   * @throws RuntimeException undoes the unit. {@link UndecidableException} and SQLSTATE classes 22 and 23 say that it is the records' fault: they
   *   are taken one by one, and the one at fault is put aside if it came from outside.
   */
  Output handle(Transaction transaction, List<Incoming<T>> batch);

  /**
   * What to publish besides the dead letter when a record from outside is put aside, such as an error to its sender.
   * Must not fail, whatever the record looks like.
   */
  default List<Outgoing> onDeadLetter(DeadRecord dead) {
    return List.of();
  }
}
