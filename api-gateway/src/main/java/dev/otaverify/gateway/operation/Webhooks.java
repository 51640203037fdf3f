// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.query.Page;
import dev.otaverify.gateway.auth.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The webhooks of the caller's account, and the log of what they were told. What does not exist for the account is a
 * {@link dev.otaverify.gateway.api.RefusedException}. The same command again changes nothing and has the same answer.
 */
public interface Webhooks {

  /**
   * What a webhook is to be; null is what stays as it is, or is left out of a new one.
   *
   * @param eventTypes the types it is told of; empty: all there are and will be
   */
  record Settings(@Nullable String url, @Nullable List<String> eventTypes, @Nullable String description,
      @Nullable Boolean enabled) {
    /** Copies the types. */
    public Settings {
      eventTypes = eventTypes == null ? null : List.copyOf(eventTypes);
    }
  }

  /** Why a webhook is told of nothing. */
  enum DisabledReason {
    /** The account disabled it. */
    REQUESTED,
    /** It answered 410. */
    GONE,
    /** For very long there was nothing but failures. */
    FAILING
  }

  /**
   * A webhook.
   *
   * @param eventTypes the types it is told of; empty: all
   * @param disabledReason null: it is enabled
   * @param failingSince since when there was nothing but failures; null: the last attempt succeeded, or there was none
   * @param waiting how many events wait for it
   * @param waitingSince when the oldest of them was recorded
   * @param expired how many it was never told of, since they waited too long
   */
  record Webhook(WebhookId id, String url, List<String> eventTypes, @Nullable String description,
      @Nullable DisabledReason disabledReason, @Nullable Instant failingSince, long waiting,
      @Nullable Instant waitingSince, long expired, Instant createdAt, Instant modifiedAt) {
    /** Copies the types. */
    public Webhook {
      eventTypes = List.copyOf(eventTypes);
    }
  }

  /**
   * What a webhook's requests are signed with.
   *
   * @param formerUntil until when the secret of before signs too; null: there is none
   */
  record Secret(String secret, @Nullable Instant formerUntil) {
    @Override
    public String toString() {
      return "Secret[formerUntil=" + formerUntil + "]";
    }
  }

  /** A webhook that was just created, with its secret. */
  record Created(Webhook webhook, Secret secret) {}

  /** What has become of a delivery. */
  enum DeliveryState {
    /** It is to be sent, or to be sent again. */
    WAITING,
    /** The endpoint took it. */
    DELIVERED
  }

  /**
   * One event for one webhook.
   *
   * @param eventId its {@code id}, and the header {@code webhook-id}
   * @param attempts how often it was sent
   * @param attemptedAt when last; null: never
   * @param status HTTP status of the last answer; null: there was none
   * @param error why the last attempt failed; null: it did not
   * @param durationMillis how long the last attempt took
   */
  record Delivery(String eventId, FirmwareId firmwareId, String type, int attempts, @Nullable Instant attemptedAt,
      @Nullable Integer status, @Nullable String error, @Nullable Integer durationMillis, Instant recordedAt,
      @Nullable Instant deliveredAt) {
    /** What has become of it. */
    public DeliveryState state() {
      return deliveredAt == null ? DeliveryState.WAITING : DeliveryState.DELIVERED;
    }
  }

  /** Creates one, which is told of the events from now on. */
  Mono<Created> create(Settings settings, Caller caller);

  /** Changes one. Its waiting events are tried again at once. */
  Mono<Webhook> update(WebhookId id, Settings settings, Caller caller);

  /** Gives it another secret; for a while the former one signs too. */
  Mono<Secret> rotateSecret(WebhookId id, Caller caller);

  /** Deletes it, with its log. */
  Mono<Void> delete(WebhookId id, Caller caller);

  /** All of the account, the oldest first. */
  Mono<List<Webhook>> list(Caller caller);

  /**
   * One page of its deliveries, the newest first.
   *
   * @param firmware null for any
   * @param state null for any
   */
  Mono<Page<Delivery>> deliveries(WebhookId id, @Nullable FirmwareId firmware, @Nullable DeliveryState state, int page,
      int size, Caller caller);

  /** Has a delivery sent again, or at once if it is waiting. */
  Mono<Void> resend(WebhookId id, String eventId, Caller caller);
}
