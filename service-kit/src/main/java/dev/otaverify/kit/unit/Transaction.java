// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.kit.sql.Sql;
import dev.otaverify.kit.trace.Traces;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The open transaction of a unit.
 *
 * @param sql statements in it
 * @param clock says when it began, and asks the database if nothing was read yet
 * @param again whether it was decided on before, and the database, restored from a back-up, does not know
 * @param spans what is recorded of the unit
 */
public record Transaction(Sql sql, Supplier<Instant> clock, boolean again, UnitSpans spans) {

  /** One for what was not decided on before, and of which nothing is recorded. */
  public Transaction(Sql sql, Instant now) {
    this(sql, () -> now, false, new UnitSpans(Traces.NONE, ""));
  }

  /** When it began, by the database's clock: the one clock for deadlines; of what is decided on again, when it was written. */
  public Instant now() {
    return clock.get();
  }

  /**
   * Lets the commit not wait for the disk. For a unit that publishes nothing and tells nobody: what a crash of the server takes back of it, it
   * takes back with the position, so it is read and decided on again.
   */
  public void needNotLast() {
    sql.later("set local synchronous_commit = off");
  }

  /**
   * A message as part of the trace of what it is about, such as a device's report in that of the job: reports come without a trace.
   *
   * @param traceparent of that trace, in the W3C form; null: none is known
   * @return the message to let events be caused by
   */
  public <T> Incoming<T> continuing(Incoming<T> incoming, @Nullable String traceparent) {
    return traceparent == null ? incoming : spans.continuing(incoming, traceparent);
  }
}
