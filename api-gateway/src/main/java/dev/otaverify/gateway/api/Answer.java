// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.api;

import dev.otaverify.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What a call is answered with.
 *
 * @param root the name of the outermost element in XML
 */
public record Answer(int status, String root, Fields fields) {

  /** The call was carried out. */
  public static Answer success(String action, String requestId, Fields fields) {
    return new Answer(200, action + "Response", fields.with("RequestId", requestId).with("Success", true));
  }

  /**
   * The call was not carried out. Both {@code Message} and {@code ErrorMessage} are there, as clients read either.
   *
   * @param host the server's name as the client called it
   */
  public static Answer failure(String action, String requestId, String host, ApiException failure) {
    var fields = new Fields().with("RequestId", requestId);
    return switch (failure) {
      case RefusedException refused -> new Answer(200, action + "Response",
          fields.with("Success", false).with("Code", refused.code()).with("ErrorMessage", refused.text())
              .with("Message", refused.text()));
      case GatewayException failed -> new Answer(failed.status(), "Error",
          fields.with("HostId", host).with("Code", failed.code()).with("Message", failed.text())
              .with("ErrorMessage", failed.text()).with("Recommend", failed.recommend()));
    };
  }

  /** The bytes of the answer, UTF-8. */
  public byte[] write(Format format) {
    return switch (format) {
      // Not one escape for what is not ASCII: the classic client turns \u4e2d into u4e2d.
      case JSON -> Wire.JSON.writeValueAsBytes(fields.values());
      case XML -> {
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        element(xml, root, fields.values());
        yield xml.toString().getBytes(StandardCharsets.UTF_8);
      }
    };
  }

  private static void element(StringBuilder xml, String name, Object value) {
    if (value instanceof List<?> items) {
      // The vendor's client reads as a list what is repeated and alone in its element; a list that has no wrapper in
      // JSON gets one here, of its own name.
      items.forEach(item -> element(xml, name, item));
      return;
    }
    xml.append('<').append(name).append('>');
    if (value instanceof Map<?, ?> children) {
      children.forEach((child, content) -> {
        boolean bare = content instanceof List && children.size() > 1;
        element(xml, child.toString(), bare ? Map.of(child, content) : content);
      });
    } else {
      text(xml, value.toString());
    }
    xml.append("</").append(name).append('>');
  }

  private static void text(StringBuilder xml, String text) {
    text.codePoints().forEach(c -> {
      switch (c) {
        case '<' -> xml.append("&lt;");
        case '>' -> xml.append("&gt;");
        case '&' -> xml.append("&amp;");
        case '\r' -> xml.append("&#13;");
        case '\n', '\t' -> xml.append((char) c);
        // XML 1.0 has no way to say these.
        default -> xml.appendCodePoint(isSayable(c) ? c : 0xFFFD);
      }
    });
  }

  private static boolean isSayable(int c) {
    return (c >= 0x20 && c < 0xD800) || (c > 0xDFFF && c != 0xFFFE && c != 0xFFFF);
  }
}
