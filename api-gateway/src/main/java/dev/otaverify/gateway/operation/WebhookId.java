// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.CommandId;
import java.util.regex.Pattern;

/**
 * Names a webhook, after the command that creates it: the same request creates the same one.
 *
 * @param value wh and 22 base62 characters
 */
public record WebhookId(String value) {
  private static final Pattern FORM = Pattern.compile("wh[0-9A-Za-z]{22}");

  /** @throws IllegalArgumentException if the value has not the form above */
  public WebhookId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("webhookId: " + value + " (expected: wh and 22 base62 characters)");
    }
  }

  /** The id of the webhook that this command creates. */
  public static WebhookId of(CommandId command) {
    return new WebhookId("wh" + command.value());
  }

  @Override
  public String toString() {
    return value;
  }
}
