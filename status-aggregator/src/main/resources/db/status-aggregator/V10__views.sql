-- What is known, folded from ota.firmware.events and ota.registry.events. The columns …_number hold the last number
-- that was applied of each writer: what is not above it is a repeat, what leaves a gap is a bug.

create table firmware (
  firmware_id        text        primary key,
  account            text        not null,
  product_key        text        not null,
  spec               jsonb       not null,
  status             text        not null,
  verify_progress    int         not null,
  -- The current job: the last one that began. Only its verdict counts.
  job_id             text,
  created_at         timestamptz not null,
  modified_at        timestamptz not null,
  job_service_number bigint      not null
) with (fillfactor = 70);

create table job (
  job_id       text        primary key,
  firmware_id  text        not null references firmware,
  account      text        not null,
  product_key  text        not null,
  dest_version text        not null,
  status       text        not null,
  timeout      text        not null,
  need_push    boolean     not null,
  need_confirm boolean     not null,
  tags         jsonb       not null,
  -- The verdict as it was decided, at once; status follows when the events of it are read back.
  verdict      text,
  created_at   timestamptz not null,
  ended_at     timestamptz,
  modified_at  timestamptz not null,
  own_number   bigint      not null
) with (fillfactor = 70);

create table task (
  task_id           text        primary key,
  job_id            text        not null references job,
  device_name       text        not null,
  iot_id            text        not null,
  source_version    text,
  status            text        not null,
  progress          int         not null,
  -- Why it failed.
  reason            text,
  description       text        not null,
  created_at        timestamptz not null,
  modified_at       timestamptz not null,
  dispatcher_number bigint      not null
) with (fillfactor = 70);
create index task_of_job on task (job_id);

create table product (
  product_key        text        primary key,
  account            text        not null,
  name               text        not null,
  node_type          int         not null,
  data_format        int         not null,
  description        text,
  created_at         timestamptz not null,
  job_service_number bigint      not null
);

create table device (
  -- product key / device name
  device_id          text        primary key,
  product_key        text        not null,
  device_name        text        not null,
  -- Null while only the dispatcher has spoken of it: its events come from another log than the registration.
  iot_id             text,
  account            text,
  nickname           text,
  registered_at      timestamptz,
  -- The version of each module.
  versions           jsonb       not null,
  online             boolean     not null,
  address            text,
  modified_at        timestamptz not null,
  dispatcher_number  bigint      not null
) with (fillfactor = 70);
