// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.AccountId;
import java.util.Comparator;

/** A name that only one thing of its kind may have in an account. */
record Name(AccountId account, String name) implements Comparable<Name> {
  private static final Comparator<Name> ORDER = Comparator.comparing(Name::account).thenComparing(Name::name);

  @Override
  public int compareTo(Name other) {
    return ORDER.compare(this, other);
  }
}
