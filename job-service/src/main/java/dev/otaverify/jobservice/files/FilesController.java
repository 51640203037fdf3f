// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.files;

import java.util.List;
import java.util.Objects;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Tells the gateways which files firmware is made of, each time from the rows. */
@RestController
final class FilesController {
  private final DatabaseClient database;

  FilesController(DatabaseClient database) {
    this.database = database;
  }

  /** Of these keys those that a firmware has which is not deleted. */
  @PostMapping("/internal/files/in-use")
  Mono<List<String>> inUse(@RequestBody List<String> keys) {
    return database
        .sql("select distinct spec -> 'file' ->> 'key' as key from firmware"
            + " where deleted_at is null and spec -> 'file' ->> 'key' = any(:keys)")
        .bind("keys", keys.toArray(String[]::new))
        .map(row -> Objects.requireNonNull(row.get("key", String.class))).all().collectList();
  }
}
