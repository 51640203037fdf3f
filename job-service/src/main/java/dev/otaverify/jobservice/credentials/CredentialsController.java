// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.credentials;

import io.r2dbc.spi.Readable;
import java.util.Objects;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
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

  private static <T> T value(Readable row, String column, Class<T> type) {
    return Objects.requireNonNull(row.get(column, type), column);
  }

  private static <T> Mono<ResponseEntity<T>> answer(Mono<T> found) {
    return found.map(body -> ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(body))
        .defaultIfEmpty(ResponseEntity.notFound().build());
  }
}
