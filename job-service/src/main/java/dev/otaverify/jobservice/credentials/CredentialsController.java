// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.credentials;

import io.r2dbc.spi.Readable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/** Tells mqtt-broker and the gateway the secrets, each time from the row: a device that was just registered can log in. */
@RestController
final class CredentialsController {
  private final DatabaseClient database;

  CredentialsController(DatabaseClient database) {
    this.database = database;
  }

  record DeviceCredentials(String deviceSecret, boolean enabled) {}

  record ProductCredentials(String productSecret) {}

  @GetMapping("/internal/devices/{productKey}/{deviceName}/credentials")
  Mono<ResponseEntity<DeviceCredentials>> ofDevice(@PathVariable String productKey, @PathVariable String deviceName) {
    return answer(database
        .sql("select secret, enabled from device where product_key = :productKey and device_name = :deviceName")
        .bind("productKey", productKey).bind("deviceName", deviceName)
        .map(row -> new DeviceCredentials(value(row, "secret", String.class),
            value(row, "enabled", Boolean.class)))
        .one());
  }

  @GetMapping("/internal/products/{productKey}/secret")
  Mono<ResponseEntity<ProductCredentials>> ofProduct(@PathVariable String productKey) {
    return answer(database.sql("select secret from product where product_key = :productKey")
        .bind("productKey", productKey)
        .map(row -> new ProductCredentials(value(row, "secret", String.class))).one());
  }

  /** The secrets by device name, of those that exist. */
  @GetMapping("/internal/products/{productKey}/devices/secrets")
  Mono<ResponseEntity<Map<String, String>>> ofDevices(@PathVariable String productKey,
      @RequestParam("name") List<String> names) {
    return answer(database
        .sql("select device_name, secret from device where product_key = :productKey and device_name = any(:names)")
        .bind("productKey", productKey).bind("names", names.toArray(String[]::new))
        .map(row -> Map.entry(value(row, "device_name", String.class), value(row, "secret", String.class)))
        .all().collectMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Keeps the secret of what moves in until the command of this id, which follows, is decided. */
  @PutMapping("/internal/commands/{commandId}/secret")
  Mono<ResponseEntity<Void>> stage(@PathVariable String commandId, @RequestBody Staged staged) {
    if (!Staged.FORM.matcher(staged.secret()).matches()) {
      // Not what was found: it may be a secret with a slip.
      return Mono.error(new ResponseStatusException(HttpStatus.BAD_REQUEST,
          "secret: (not shown) (expected: 1 to 64 visible ASCII characters)"));
    }
    return database.sql("insert into staged_secret (command_id, secret, staged_at) values (:commandId, :secret, now())"
        + " on conflict (command_id) do update set secret = excluded.secret, staged_at = excluded.staged_at")
        .bind("commandId", commandId).bind("secret", staged.secret()).fetch().rowsUpdated()
        .thenReturn(ResponseEntity.noContent().build());
  }

  /** A secret that is brought along. */
  record Staged(String secret) {
    static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,64}");

    @Override
    public String toString() {
      return "(secret)";
    }
  }

  private static <T> T value(Readable row, String column, Class<T> type) {
    return Objects.requireNonNull(row.get(column, type), column);
  }

  private static <T> Mono<ResponseEntity<T>> answer(Mono<T> found) {
    return found.map(body -> ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(body))
        .defaultIfEmpty(ResponseEntity.notFound().build());
  }
}
