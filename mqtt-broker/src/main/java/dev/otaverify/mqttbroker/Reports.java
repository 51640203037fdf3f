// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.packets.publish.PublishPacket;
import com.hivemq.extension.sdk.api.services.Services;
import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what devices report to the log, and acknowledges it once the log has it; at QoS 0 the way is the same. A report
 * that the log does not take is not acknowledged: the device is disconnected, and sends it again or reports anew when
 * it is back. One that cannot be read is acknowledged and dropped, or the device would send it for ever.
 *
 * <p>HiveMQ handles one message of a client after the other, waiting for each, so reports keep their order.
 */
final class Reports {
  /** Counts reports that the log has taken. */
  static final String TAKEN = "dev.otaverify.reports.taken.count";
  /** Counts reports that could not be read. */
  static final String UNREADABLE = "dev.otaverify.reports.unreadable.count";
  /** Counts reports that the log did not take in time. */
  static final String REFUSED = "dev.otaverify.reports.refused.count";

  private static final Logger log = LoggerFactory.getLogger(Reports.class);
  private static final byte[] NOTHING = {};

  private final DeviceLog deviceLog;
  private final Clock clock;
  private final Duration timeout;
  private final Counter taken;
  private final Counter unreadable;
  private final Counter refused;
  private final Seldom unreadableWarnings = new Seldom(System::nanoTime);
  private final Seldom refusedWarnings = new Seldom(System::nanoTime);

  /** @param timeout longer than the log's own */
  Reports(DeviceLog deviceLog, Clock clock, Duration timeout, MetricRegistry metrics) {
    this.deviceLog = deviceLog;
    this.clock = clock;
    this.timeout = timeout;
    this.taken = metrics.counter(TAKEN);
    this.unreadable = metrics.counter(UNREADABLE);
    this.refused = metrics.counter(REFUSED);
  }

  /** What takes the reports of one device. */
  PublishInboundInterceptor of(DeviceId device) {
    var topics = new DeviceTopics(device);
    return (input, output) -> {
      // Interceptors run before permissions are checked: what is on another device's topic is left to those.
      var report = topics.reportOn(input.getPublishPacket().getTopic());
      if (report != null) {
        take(device, report, input, output);
      }
    };
  }

  private void take(DeviceId device, DeviceTopics.Report report, PublishInboundInput input,
      PublishInboundOutput output) {
    var at = clock.instant();
    DeviceInput deviceInput;
    try {
      deviceInput = ReportReader.read(device, report, payload(input.getPublishPacket()), at);
    } catch (UnreadableReportException e) {
      unreadable.inc();
      unreadableWarnings.warn(log).addKeyValue("topic", input.getPublishPacket().getTopic())
          .addKeyValue("reason", e.getMessage())
          .log("a report is unreadable and dropped");
      output.preventPublishDelivery();
      return;
    }
    var async = output.async(timeout, TimeoutFallback.FAILURE, AckReasonCode.UNSPECIFIED_ERROR);
    var unused = deviceLog.append(deviceInput, at).whenComplete((ok, failure) -> {
      if (failure == null) {
        taken.inc();
        async.getOutput().preventPublishDelivery();
        async.resume();
        return;
      }
      refused.inc();
      refusedWarnings.warn(log).addKeyValue("device", device).addKeyValue("reason", failure.toString())
          .log("a report could not be written; its device is disconnected");
      // First disconnect: an MQTT 5 client would take the negative acknowledgement as the end of it.
      var disconnected = Services.clientService().disconnectClient(input.getClientInformation().getClientId(), false,
          DisconnectReasonCode.SERVER_BUSY, null);
      var ignored = disconnected.whenComplete((was, error) -> {
        async.getOutput().preventPublishDelivery(AckReasonCode.UNSPECIFIED_ERROR);
        async.resume();
      });
    });
  }

  private static byte[] payload(PublishPacket packet) {
    return packet.getPayload().map(buffer -> {
      var bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }).orElse(NOTHING);
  }
}
