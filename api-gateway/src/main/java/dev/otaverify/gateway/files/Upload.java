// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.gateway.api.GatewayException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.codec.multipart.FormPartEvent;
import org.springframework.http.codec.multipart.PartEvent;

/**
 * One posted form as its parts come in: the fields, and last the file. It may be closed, by a connection that breaks, while
 * a part is being written, so one thing is done at a time. Its methods block.
 */
final class Upload {
  /** Parts of a form, with the file. */
  static final int MAX_FIELDS = 32;

  private final UploadForms forms;
  private final Spool spool;
  private final Map<String, String> fields = new HashMap<>();
  private Spool.@Nullable Incoming incoming;
  private boolean complete;
  private boolean closed;

  Upload(UploadForms forms, Spool spool) {
    this.forms = forms;
    this.spool = spool;
  }

  /** Takes the next part, or the next piece of the file. */
  synchronized void take(PartEvent part) throws IOException {
    if (closed) {
      return;
    }
    if (part instanceof FormPartEvent field) {
      takeField(field);
    } else if (part.name().equals("file")) {
      takeFile(part);
    } else {
      throw GatewayException.badRequest("InvalidArgument", "file field: " + part.name() + " (expected: file)");
    }
  }

  /**
   * All of it came in.
   *
   * @param status that the client asked for, else 204
   */
  record Complete(int status, UploadPolicy policy, Spool.Received received) {}

  /** Ends it. */
  synchronized Complete finish() throws IOException {
    if (incoming == null || !complete) {
      throw GatewayException.badRequest("MalformedPOSTRequest", "file: missing (expected: as the last form field)");
    }
    int status = switch (fields.getOrDefault("success_action_status", "")) {
      case "200" -> 200;
      case "201" -> 201;
      default -> 204;
    };
    return new Complete(status, incoming.policy(), incoming.finish());
  }

  /** Throws away what was not kept. */
  synchronized void close() throws IOException {
    closed = true;
    if (incoming != null) {
      incoming.close();
    }
  }

  private void takeField(FormPartEvent field) {
    // What follows the file is not looked at: the file was judged by the fields before it.
    if (incoming == null) {
      fields.put(field.name(), field.value());
    }
  }

  private void takeFile(PartEvent part) throws IOException {
    if (complete) {
      throw GatewayException.badRequest("MalformedPOSTRequest", "file: twice (expected: once)");
    }
    var file = incoming;
    if (file == null) {
      file = spool.begin(forms.check(fields));
      incoming = file;
    }
    try (DataBuffer.ByteBufferIterator buffers = part.content().readableByteBuffers()) {
      while (buffers.hasNext()) {
        file.write(buffers.next());
      }
    }
    complete = part.isLast();
  }
}
