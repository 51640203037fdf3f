// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.hivemq.extension.sdk.api.interceptor.connect.ConnectInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundOutput;

/**
 * Makes the device the owner of its MQTT session, whatever client id it sends: real ones contain the time, and so would
 * be another session after every connection, with the messages of the last one lost and the last one kept for nothing;
 * and a device that connects twice would be there twice. So the client id becomes the device's key before HiveMQ looks
 * at it; a second connection of a device takes over from the first, as on the vendor's platform. A login that is
 * refused later has no effect on the session, since HiveMQ looks for that only after the login.
 */
final class ClientIdReplacement implements ConnectInboundInterceptor {
  private final String serviceUser;

  ClientIdReplacement(String serviceUser) {
    this.serviceUser = serviceUser;
  }

  @Override
  public void onConnect(ConnectInboundInput input, ConnectInboundOutput output) {
    var connect = output.getConnectPacket();
    var clientId = connect.getClientId();
    if (clientId.length() > DeviceLogin.MAX_CLIENT_ID) {
      return;
    }
    connect.getUserName().filter(userName -> !userName.equals(serviceUser)).flatMap(DeviceLogin::device)
        .ifPresent(device -> {
          new ConnectionNotes(input.getConnectionInformation()).sentClientId(clientId);
          connect.setClientId(device.key());
        });
  }
}
