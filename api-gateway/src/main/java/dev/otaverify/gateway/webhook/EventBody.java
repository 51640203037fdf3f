// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.Wire;
import dev.otaverify.kit.unit.Incoming;
import java.util.TreeMap;

/** An event as webhooks get it: CloudEvents 1.0 in structured mode, {@code application/cloudevents+json}. */
final class EventBody {
  static final String CONTENT_TYPE = "application/cloudevents+json";

  private EventBody() {}

  /** The JSON: the attributes of the record, {@code traceparent} if it came with one, and its data. */
  static String of(Incoming<? extends FirmwareEvent> event) {
    var message = event.message();
    var json = Wire.JSON.createObjectNode();
    json.put("specversion", "1.0");
    json.put("id", message.id());
    json.put("source", message.source());
    json.put("type", event.type());
    json.put("subject", message.subject());
    json.put("time", message.time().toString());
    new TreeMap<>(message.extensions()).forEach(json::put);
    new TreeMap<>(event.traceContext()).forEach(json::put);
    json.put("datacontenttype", "application/json");
    json.set("data", Wire.JSON.valueToTree(message.data()));
    return Wire.JSON.writeValueAsString(json);
  }
}
