// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import dev.otaverify.contracts.DeviceId;
import java.util.Optional;
import java.util.OptionalLong;

/** What we note about a connection, in HiveMQ's own store for that: it lives as long as the connection. */
record ConnectionNotes(ConnectionInformation connection) {
  private static final String CLIENT_ID = "otaverify.client-id";
  private static final String DEVICE = "otaverify.device";
  private static final String IMPLICIT = "otaverify.implicit-subscriptions";
  private static final String LOGIN_BEGAN = "otaverify.login-began";
  private static final String SESSION = "otaverify.session";

  /** The client id that the device sent, before it was replaced. */
  Optional<String> sentClientId() {
    return get(CLIENT_ID);
  }

  void sentClientId(String clientId) {
    put(CLIENT_ID, clientId);
  }

  /** Whose connection it is, once its login was accepted. Empty for the dispatcher's. */
  Optional<DeviceId> device() {
    return get(DEVICE).map(DeviceId::ofKey);
  }

  boolean wantsImplicitSubscriptions() {
    return get(IMPLICIT).isPresent();
  }

  /** When its login began, of {@code System.nanoTime}. */
  long loginBegan() {
    return get(LOGIN_BEGAN).map(Long::parseLong)
        .orElseThrow(() -> new IllegalStateException("login: none (expected: of a device)"));
  }

  void accepted(DeviceLogin login, long began) {
    put(DEVICE, login.device().key());
    put(LOGIN_BEGAN, Long.toString(began));
    if (login.wantsImplicitSubscriptions()) {
      put(IMPLICIT, "1");
    }
  }

  /** The number of its session in {@link Presence}. */
  OptionalLong session() {
    return get(SESSION).stream().mapToLong(Long::parseLong).findFirst();
  }

  void session(long number) {
    put(SESSION, Long.toString(number));
  }

  private Optional<String> get(String name) {
    return connection.getConnectionAttributeStore().getAsString(name);
  }

  private void put(String name, String value) {
    connection.getConnectionAttributeStore().putAsString(name, value);
  }
}
