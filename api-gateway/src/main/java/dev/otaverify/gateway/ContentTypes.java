// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** What kind of body a request says it has. */
public final class ContentTypes {
  private ContentTypes() {}

  /** Whether the request says so; what cannot be read as a content type says nothing. */
  public static boolean is(MediaType type, HttpHeaders headers) {
    try {
      @Nullable
      MediaType said = headers.getContentType();
      return said != null && type.isCompatibleWith(said);
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }
}
