-- What is known of each device, from its own reports.
create table device (
  product_key  text    not null,
  device_name  text    not null,
  -- The latest connection heard of; what is said about an earlier one is too late.
  session      bigint  not null,
  online       boolean not null,
  address      text,
  -- Module name to version, as last reported.
  versions     jsonb   not null,
  -- The number of the last event about the device.
  event_number bigint  not null,
  primary key (product_key, device_name)
) with (fillfactor = 70);

create table device_task (
  task_id       text        primary key,
  product_key   text        not null,
  device_name   text        not null,
  module_name   text        not null,
  status        text        not null
    check (status in ('CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'CANCELED')),
  -- When the sweeper has to look: both are null once the task has ended, so the indexes hold open tasks only.
  deadline_at   timestamptz,
  next_push_at  timestamptz,
  push_attempts int         not null,
  notified_at   timestamptz,
  percent       int,
  description   text,
  -- Why it failed.
  reason        text,
  -- AssignTask as it came: firmware, timeout, tags.
  assignment    jsonb       not null,
  -- The number of the last event about the task.
  event_number  bigint      not null,
  constraint an_open_task_has_a_deadline
    check ((deadline_at is null) = (status in ('SUCCEEDED', 'FAILED', 'CANCELED'))),
  constraint only_an_open_task_is_pushed check (next_push_at is null or deadline_at is not null)
) with (fillfactor = 70);

create unique index device_task_one_open on device_task (product_key, device_name, module_name)
  where deadline_at is not null;
create index device_task_deadline on device_task (deadline_at, task_id) where deadline_at is not null;
create index device_task_next_push on device_task (next_push_at, task_id) where next_push_at is not null;
