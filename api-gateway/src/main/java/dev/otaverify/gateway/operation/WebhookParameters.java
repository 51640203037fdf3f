// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareEvent;
import dev.otaverify.contracts.Wire;
import dev.otaverify.gateway.api.Fields;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Parameters and parts of answers of the operations on webhooks. */
final class WebhookParameters {
  private static final String ALL = "*";
  private static final Set<String> TYPES = Wire.types().entrySet().stream()
      .filter(type -> FirmwareEvent.class.isAssignableFrom(type.getValue())).map(Map.Entry::getKey)
      .collect(Collectors.toUnmodifiableSet());

  static final Parameter<WebhookId> WEBHOOK_ID = Parameter.of("WebhookId", "the id of a webhook", WebhookId::new)
      .refusedWith(ErrorCode.WEBHOOK_NOT_FOUND).required();
  static final Parameter.Single<String> URL = Parameter
      .text("Url", "an http or https URL of up to 2048 visible ASCII characters",
          Pattern.compile("[\\x21-\\x7e]{1,2048}"))
      .refusedWith(ErrorCode.INVALID_WEBHOOK_URL);
  static final Parameter<String> DESCRIPTION = Parameter.text("Description", "1 to 100 characters that are shown",
      Pattern.compile("\\P{Cntrl}{1,100}"));
  static final Parameter<List<String>> EVENT_TYPES = ListParameter
      .of(Parameter.of("EventType", "a type of ota.firmware.events (docs/EVENTS.md), or *",
          text -> {
            Parameter.require(text.equals(ALL) || TYPES.contains(text));
            return text;
          }))
      .sized(new ListParameter.Bounds(0, TYPES.size(), ErrorCode.INVALID_PARAMETER, ErrorCode.INVALID_PARAMETER))
      .distinct(ErrorCode.INVALID_PARAMETER);

  private WebhookParameters() {}

  /** The types that are asked for; empty: all; null: nothing was said. */
  static @Nullable List<String> eventTypes(Arguments arguments) {
    var types = arguments.get(EVENT_TYPES);
    return types.isEmpty() ? null : types.contains(ALL) ? List.of() : types;
  }

  /** A webhook as answers carry it. */
  static Fields webhook(Webhooks.Webhook webhook) {
    return new Fields().with("WebhookId", webhook.id()).with("Url", webhook.url())
        .withWrapped("EventTypes", "EventType", webhook.eventTypes().isEmpty() ? List.of(ALL) : webhook.eventTypes())
        .with("Description", webhook.description()).with("Enabled", webhook.disabledReason() == null)
        .with("DisabledReason", webhook.disabledReason()).with("UtcFailingSince", webhook.failingSince())
        .with("WaitingCount", webhook.waiting()).with("UtcWaitingSince", webhook.waitingSince())
        .with("ExpiredCount", webhook.expired()).with("UtcCreate", webhook.createdAt())
        .with("UtcModified", webhook.modifiedAt());
  }

  /** A secret, added to what answers carry. */
  static Fields secret(Fields fields, Webhooks.Secret secret) {
    return fields.with("Secret", secret.secret()).with("UtcFormerSecretUntil", secret.formerUntil());
  }
}
