// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import dev.otaverify.contracts.DeviceId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The topics of one device, as the vendor's protocol names them. */
record DeviceTopics(DeviceId device) {

  /** What a device may send that the dispatcher must hear of. */
  enum Report {
    VERSION, PROGRESS, FIRMWARE_REQUEST, LEGACY_FIRMWARE_REQUEST
  }

  /** From the device: the version it runs. */
  String inform() {
    return ota("inform");
  }

  /** From the device: how far an upgrade is. */
  String progress() {
    return ota("progress");
  }

  /** From the device, and the answer to it: is there a firmware? The older form. */
  String legacyRequest() {
    return ota("request");
  }

  /** From the device: is there a firmware? */
  String firmwareGet() {
    return sys() + "/thing/ota/firmware/get";
  }

  /** To the device: the answer to that. */
  String firmwareGetReply() {
    return firmwareGet() + "_reply";
  }

  /** To the device: upgrade now. */
  String upgrade() {
    return ota("upgrade");
  }

  /** What this topic carries if it is one of this device's reports, else null. */
  @Nullable
  Report reportOn(String topic) {
    if (topic.equals(inform())) {
      return Report.VERSION;
    } else if (topic.equals(progress())) {
      return Report.PROGRESS;
    } else if (topic.equals(firmwareGet())) {
      return Report.FIRMWARE_REQUEST;
    } else if (topic.equals(legacyRequest())) {
      return Report.LEGACY_FIRMWARE_REQUEST;
    } else {
      return null;
    }
  }

  /** What a device hears without subscribing, if it says that it relies on that. */
  List<String> implicitSubscriptions() {
    return List.of(upgrade(), firmwareGetReply(), legacyRequest());
  }

  /** What it may publish only. */
  List<String> publishable() {
    return List.of(inform(), progress());
  }

  /** What it may subscribe to only: upgrades come from nobody but the dispatcher. */
  List<String> subscribable() {
    return List.of(upgrade(), "/broadcast/" + device.productKey() + "/#");
  }

  /** What it may do both on. */
  List<String> own() {
    var path = "/" + device.productKey() + "/" + device.deviceName();
    return List.of(legacyRequest(), sys() + "/#", "/ext/+" + path + "/#", "/ext/rrpc/+" + path + "/#",
        "/shadow/+" + path, path + "/#");
  }

  private String ota(String kind) {
    return "/ota/device/" + kind + "/" + device.productKey() + "/" + device.deviceName();
  }

  private String sys() {
    return "/sys/" + device.productKey() + "/" + device.deviceName();
  }
}
