// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import java.time.Instant;
import java.util.Collection;
import java.util.Objects;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The files that are marked as unused, in the database that all gateways share.
 *
 * <pre>
 *   (none) ──mark──▶ marked ──claim──▶ removing ──forget──▶ (none, and no file)
 *      ▲               │
 *      └────unmark─────┘
 * </pre>
 *
 * Unmarking and claiming exclude each other: each is for the mark that was read, so a gateway that is late changes nothing.
 */
final class UnusedFiles {
  private final DatabaseClient database;

  UnusedFiles(DatabaseClient database) {
    this.database = database;
  }

  /**
   * A marked file.
   *
   * @param removing whether it is decided that it goes
   */
  record Mark(String key, Instant markedAt, boolean removing) {}

  /** Whether this file is marked. */
  Mono<Boolean> isMarked(String key) {
    return database.sql("select 1 from unused_file where file_key = $1").bind(0, key).fetch().first().hasElement();
  }

  /** All marked files. */
  Flux<Mark> all() {
    return database.sql("select file_key, marked_at, removing from unused_file")
        .map(row -> new Mark(Objects.requireNonNull(row.get("file_key", String.class)),
            Objects.requireNonNull(row.get("marked_at", Instant.class)),
            Objects.requireNonNull(row.get("removing", Boolean.class))))
        .all();
  }

  /** Marks files, save those that are already. */
  Mono<Void> mark(Collection<String> keys, Instant now) {
    return database.sql("insert into unused_file (file_key, marked_at) select k, $2 from unnest($1) k"
        + " on conflict do nothing").bind(0, keys.toArray(String[]::new)).bind(1, now).then();
  }

  /** Takes this mark away. */
  Mono<Void> unmark(Mark mark) {
    return ofMark("delete from unused_file", mark).then();
  }

  /** Decides that the file goes; says whether this is who decided. */
  Mono<Boolean> claim(Mark mark) {
    return ofMark("update unused_file set removing = true", mark);
  }

  /** Takes the mark of a file away that is gone. */
  Mono<Void> forget(Mark mark) {
    return database.sql("delete from unused_file where file_key = $1 and removing").bind(0, mark.key()).then();
  }

  private Mono<Boolean> ofMark(String change, Mark mark) {
    return database.sql(change + " where file_key = $1 and marked_at = $2 and not removing").bind(0, mark.key())
        .bind(1, mark.markedAt()).fetch().rowsUpdated().map(rows -> rows > 0);
  }
}
