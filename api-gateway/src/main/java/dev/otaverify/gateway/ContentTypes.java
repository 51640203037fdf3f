// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;

/** What kind of body a request says it has. */
public final class ContentTypes {
  private ContentTypes() {}

  /** Whether the request says so; what cannot be read as a content type says nothing. */
  public static boolean is(MediaType type, ServerRequest request) {
    try {
      return request.headers().contentType().filter(type::isCompatibleWith).isPresent();
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }
}
