// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.dispatcher.push;

import dev.otaverify.contracts.DeviceInput.AssignTask;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.Wire;
import dev.otaverify.dispatcher.device.Outbound;
import dev.otaverify.kit.DownloadLinks;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is said to devices, in the form that all of the vendor's device SDKs take: each insists on other fields, so all
 * are there, save {@code md5} of a file elsewhere that was declared with another digest. The old C SDK demands {@code message} and {@code md5}, the new one {@code sign} and a {@code signMethod} in
 * exactly this case, the Java one {@code module} and {@code isDiff}.
 */
final class DeviceMessages {
  private final DownloadLinks links;
  private final String baseUrl;
  private final Duration linkValidity;

  DeviceMessages(DownloadLinks links, String baseUrl, Duration linkValidity) {
    this.links = links;
    this.baseUrl = baseUrl;
    this.linkValidity = linkValidity;
  }

  DeviceMessage of(Outbound outbound, Instant now) {
    return switch (outbound) {
      case Outbound.Push push -> new DeviceMessage("/ota/device/upgrade/" + push.device().key(),
          upgrade(JsonNodeFactory.instance.numberNode(id(push)), data(push.task(), now)));
      case Outbound.Answer answer when answer.request().legacy() ->
        new DeviceMessage("/ota/device/request/" + answer.device().key(),
            upgrade(id(answer), data(answer.task(), now)));
      case Outbound.Answer answer ->
        new DeviceMessage("/sys/" + answer.device().key() + "/thing/ota/firmware/get_reply",
            message(JsonNodeFactory.instance.numberNode(200), id(answer), data(answer.task(), now)));
    };
  }

  private static String upgrade(JsonNode id, ObjectNode data) {
    return message(JsonNodeFactory.instance.stringNode("1000"), id, data);
  }

  private static String message(JsonNode code, JsonNode id, ObjectNode data) {
    var message = JsonNodeFactory.instance.objectNode();
    message.set("code", code);
    message.set("data", data);
    message.set("id", id);
    message.put("message", "success");
    return Wire.JSON.writeValueAsString(message);
  }

  private ObjectNode data(@Nullable AssignTask task, Instant now) {
    var data = JsonNodeFactory.instance.objectNode();
    if (task == null) {
      return data;
    }
    var firmware = task.firmware();
    var file = firmware.file();
    data.put("size", file.size());
    data.put("version", firmware.destVersion());
    data.put("isDiff", firmware.type() == FirmwareSpec.Type.DELTA ? 1 : 0);
    data.put("url", file.isElsewhere() ? file.url() : baseUrl + links.path(file.key(), now.plus(linkValidity)));
    data.put("signMethod", switch (file.signMethod()) {
      case MD5 -> "Md5";
      case SHA256 -> "SHA256";
    });
    data.put("sign", file.sign());
    if (file.knowsMd5()) {
      data.put("md5", file.md5());
    }
    data.put("module", firmware.moduleName().value());
    var extra = data.putObject("extData");
    task.tags().forEach(tag -> extra.put(tag.key(), tag.value()));
    if (firmware.udi() != null) {
      extra.put("_package_udi", firmware.udi());
    }
    return data;
  }

  /** The same for the same push, and positive: some SDKs read it as a signed 32-bit number. */
  private static int id(Outbound.Push push) {
    return Objects.hash(push.task().taskId().value(), push.attempt()) & Integer.MAX_VALUE;
  }

  /** Given back in the type it came in, number or string. */
  private static JsonNode id(Outbound.Answer answer) {
    try {
      var id = Wire.JSON.readTree(answer.request().messageId());
      if (id != null && id.isValueNode() && !id.isMissingNode()) {
        return id;
      }
    } catch (JacksonException noJson) {
      // then it is text
    }
    return JsonNodeFactory.instance.stringNode(answer.request().messageId());
  }
}
