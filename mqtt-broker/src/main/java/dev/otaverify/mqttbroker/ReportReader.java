// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceInput;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.Wire;
import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads what devices send, generously: the SDKs differ in what they leave out and in what they quote.
 *
 * <pre>
 * inform    {"id":1,"params":{"version":"1.0.0","module":"…"}}
 * progress  {"id":3,"params":{"step":"50","desc":"","module":"…"}}
 * get       {"id":"2","params":{"module":"…"}}
 * </pre>
 */
final class ReportReader {
  /** Bytes of a payload; the SDKs send a few hundred at most. */
  static final int MAX_PAYLOAD = 64 * 1024;

  private static final int MAX_VERSION = 256;
  private static final int MAX_ID = 64;
  private static final int MAX_DESCRIPTION = 1024;

  private ReportReader() {}

  static DeviceInput read(DeviceId device, DeviceTopics.Report report, byte[] payload, Instant at)
      throws UnreadableReportException {
    if (payload.length > MAX_PAYLOAD) {
      throw new UnreadableReportException(
          "payload: " + payload.length + " bytes (expected: up to " + MAX_PAYLOAD + ")");
    }
    var message = object(payload);
    var params = message.path("params");
    return switch (report) {
      case VERSION -> new DeviceInput.VersionReported(device, module(params), version(params), at);
      case PROGRESS -> new DeviceInput.ProgressReported(device, module(params), step(params), description(params), at);
      case FIRMWARE_REQUEST -> new DeviceInput.FirmwareRequested(device, module(params), id(message), false, at);
      case LEGACY_FIRMWARE_REQUEST -> new DeviceInput.FirmwareRequested(device, module(params), id(message), true, at);
    };
  }

  private static JsonNode object(byte[] payload) throws UnreadableReportException {
    try {
      var message = Wire.JSON.readTree(payload);
      if (message != null && message.isObject()) {
        return message;
      }
    } catch (JacksonException e) {
      // Its message quotes the payload.
    }
    throw new UnreadableReportException("payload: unreadable (expected: a JSON object)");
  }

  private static ModuleName module(JsonNode params) throws UnreadableReportException {
    var module = params.path("module");
    if (module.isMissingNode() || module.isNull() || (module.isString() && module.stringValue().isEmpty())) {
      return ModuleName.DEFAULT;
    }
    try {
      if (module.isString()) {
        return new ModuleName(module.stringValue());
      }
    } catch (IllegalArgumentException e) {
      // Its message quotes the payload.
    }
    throw new UnreadableReportException("params.module: unusable (expected: a module's name)");
  }

  private static String version(JsonNode params) throws UnreadableReportException {
    var version = params.path("version");
    if (version.isString() && !version.stringValue().isBlank() && version.stringValue().length() <= MAX_VERSION) {
      return version.stringValue();
    }
    throw new UnreadableReportException("params.version: unusable (expected: 1 to " + MAX_VERSION + " characters)");
  }

  private static int step(JsonNode params) throws UnreadableReportException {
    var step = params.path("step");
    try {
      int value = step.isString() ? Integer.parseInt(step.stringValue().strip()) : step.intValue();
      if (value >= -4 && value <= 100) {
        return value;
      }
    } catch (NumberFormatException | JacksonException e) {
      // Its message quotes the payload.
    }
    throw new UnreadableReportException("params.step: unusable (expected: -4 to 100)");
  }

  private static String description(JsonNode params) {
    var description = params.path("desc");
    if (!description.isString()) {
      return "";
    }
    var text = description.stringValue();
    return text.length() <= MAX_DESCRIPTION ? text : text.substring(0, MAX_DESCRIPTION);
  }

  /** The id as JSON text, since it is to be sent back as it came. */
  private static String id(JsonNode message) throws UnreadableReportException {
    var id = message.path("id");
    if (id.isMissingNode() || id.isNull()) {
      return "null";
    }
    if (id.isString() || id.isIntegralNumber()) {
      var text = Wire.JSON.writeValueAsString(id);
      if (text.length() <= MAX_ID) {
        return text;
      }
    }
    throw new UnreadableReportException("id: unusable (expected: a short text or whole number)");
  }
}
