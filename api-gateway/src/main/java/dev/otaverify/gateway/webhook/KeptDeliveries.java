// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import dev.otaverify.kit.retention.Kept;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long the log of webhooks is kept. An event that was never delivered is counted, by webhook and in all. */
final class KeptDeliveries {
  private static final Logger LOG = LoggerFactory.getLogger(KeptDeliveries.class);
  private static final int AT_ONCE = 1_000;
  // Longer than a signed request is valid.
  private static final Duration TOMBSTONE = Duration.ofDays(1);
  private static final Duration AT_THE_NEXT_LOOK = Duration.ofSeconds(1);
  private static final String EXPIRED = """
                                        with old as (
                                          select d.webhook_id, d.event_id from webhook w cross join lateral (
                                            select webhook_id, event_id from webhook_delivery
                                            where webhook_id = w.id and delivered_at is null
                                              and recorded_at < now() - make_interval(secs => $1)
                                            order by recorded_at limit $2 for update skip locked) d limit $2),
                                        counted as (
                                          update webhook w set expired = w.expired + o.events
                                          from (select webhook_id, count(*) as events from old group by webhook_id) o
                                          where w.id = o.webhook_id)
                                        delete from webhook_delivery d using old
                                        where d.webhook_id = old.webhook_id and d.event_id = old.event_id""";
  private static final String OF_DELETED = """
                                           delete from webhook_delivery where (webhook_id, event_id) in (
                                             select d.webhook_id, d.event_id from webhook w
                                             join webhook_delivery d on d.webhook_id = w.id
                                             where w.deleted_at < now() - make_interval(secs => $1)
                                             limit $2 for update of d skip locked)""";
  private static final String LINES_OF_DELETED = """
                                                 delete from webhook_line where (webhook_id, firmware_id) in (
                                                   select l.webhook_id, l.firmware_id from webhook w
                                                   join webhook_line l on l.webhook_id = w.id
                                                   where w.deleted_at < now() - make_interval(secs => $1)
                                                   limit $2 for update of l skip locked)""";

  private KeptDeliveries() {}

  static Kept delivered(WebhookProperties properties) {
    return Kept.rows("deliveries", properties.deliveredRetention(), AT_ONCE, "webhook_delivery", "webhook_id, event_id",
        "delivered_at");
  }

  static Kept waiting(WebhookProperties properties, WebhookMetrics metrics) {
    return new Kept("waiting-deliveries", properties.waitingRetention(), AT_ONCE, EXPIRED, events -> {
      if (events > 0) {
        metrics.expired(events);
        LOG.atWarn().addKeyValue("events", events).log("Events were given up that waited too long for their webhooks");
      }
    });
  }

  /** Nobody can ask for them any more. */
  static Kept ofDeleted() {
    return new Kept("deliveries-of-deleted-webhooks", AT_THE_NEXT_LOOK, AT_ONCE, OF_DELETED);
  }

  static Kept linesOfDeleted() {
    return new Kept("lines-of-deleted-webhooks", AT_THE_NEXT_LOOK, AT_ONCE, LINES_OF_DELETED);
  }

  static Kept deleted() {
    return Kept.rows("deleted-webhooks", TOMBSTONE, AT_ONCE, "webhook", "id", "deleted_at");
  }
}
