-- Webhooks: endpoints of accounts that are told of the events of their firmware, and the log of what they are told.

-- A deleted webhook keeps its row for a day, without URL and secrets, so that a repeated request finds what became of it.
create table webhook (
  id              text        not null primary key,
  account         text        not null,
  url             text,
  -- Null: all.
  event_types     text[],
  description     text,
  sealed_secret   bytea,
  -- Signs too until then.
  former_secret   bytea,
  former_until    timestamptz,
  enabled         boolean     not null default true,
  disabled_reason text,
  -- By partition of ota.firmware.events, from 0: the first offset that it is told of.
  from_offsets    bigint[]    not null,
  -- Since when there was nothing but failures.
  failing_since   timestamptz,
  -- Events that it was not told of until they were too old to be kept.
  expired         bigint      not null default 0,
  -- The command that changed it last: the same one again changes nothing.
  changed_by      text        not null,
  created_at      timestamptz not null default now(),
  modified_at     timestamptz not null default now(),
  deleted_at      timestamptz,
  check ((url is null) = (deleted_at is not null) and (sealed_secret is null) = (deleted_at is not null))
);
create index webhook_by_account on webhook (account) where deleted_at is null;

-- Whose each firmware is, since most events do not say it. Kept for good: events may still follow when a firmware is deleted.
create table webhook_firmware (
  firmware_id text not null primary key,
  account     text not null
);

-- What a webhook is or was told. Those of one firmware are sent one after the other, by position.
create table webhook_delivery (
  webhook_id   text        not null,
  -- ce_id, and the header webhook-id.
  event_id     text        not null,
  firmware_id  text        not null,
  -- The offset of the event in its partition, which all events of the firmware are in.
  position     bigint      not null,
  type         text        not null,
  -- The bytes that are sent, UTF-8.
  body         text        not null,
  recorded_at  timestamptz not null default now(),
  attempts     int         not null default 0,
  -- Of the last attempt.
  attempted_at timestamptz,
  status       int,
  error        text,
  duration_ms  int,
  -- Null: waiting.
  delivered_at timestamptz,
  -- The command that had it sent again.
  resent_by    text,
  primary key (webhook_id, event_id)
);
create index webhook_delivery_waiting on webhook_delivery (webhook_id, firmware_id, position) where delivered_at is null;
create index webhook_delivery_waiting_by_age on webhook_delivery (webhook_id, recorded_at) where delivered_at is null;
create index webhook_delivery_done_by_age on webhook_delivery (delivered_at) where delivered_at is not null;
create index webhook_delivery_by_webhook on webhook_delivery (webhook_id, recorded_at);

-- A row while anything of this firmware waits for this webhook: what senders take hold of.
create table webhook_line (
  webhook_id  text        not null,
  firmware_id text        not null,
  -- Raised by whatever comes to wait: a sender that has found nothing more removes the line only as it saw it.
  version     bigint      not null default 1,
  -- When it may be claimed: of a line that is claimed, the end of the lease.
  due_at      timestamptz not null default now(),
  claim       text,
  -- Attempts that failed one after the other.
  failures    int         not null default 0,
  primary key (webhook_id, firmware_id)
);
create index webhook_line_due on webhook_line (webhook_id, due_at);
