-- What job-service has decided. Names that must be unique are unique indexes: two units that decide at the same time
-- cannot see each other's rows, but the second one's insert finds the first one's.

create table product (
  product_key  text        not null primary key,
  account      text        not null,
  name         text        not null,
  node_type    int         not null,
  data_format  int         not null,
  description  text,
  secret       text        not null,
  -- The number of the last event that job-service wrote about this product.
  event_number bigint      not null,
  created_at   timestamptz not null,
  constraint product_name_in_account unique (account, name)
) with (fillfactor = 80);

create table device (
  product_key text        not null references product,
  device_name text        not null,
  iot_id      text        not null,
  account     text        not null,
  nickname    text,
  secret      text        not null,
  -- A disabled device may not log in.
  enabled     boolean     not null,
  created_at  timestamptz not null,
  constraint device_name_in_product primary key (product_key, device_name),
  constraint device_iot_id unique (iot_id)
);

create table firmware (
  firmware_id  text        not null primary key,
  account      text        not null,
  name         text        not null,
  product_key  text        not null references product,
  spec         jsonb       not null,
  -- That of the last job; null before it has ended. Whether a job is running stands in verify_job alone.
  verdict      text        check (verdict in ('VERIFIED', 'FAILED')),
  -- The number of the last event that job-service wrote about this firmware.
  event_number bigint      not null,
  created_at   timestamptz not null,
  constraint firmware_name_in_account unique (account, name)
) with (fillfactor = 80);

create table verify_job (
  job_id       text        not null primary key,
  firmware_id  text        not null references firmware,
  product_key  text        not null,
  account      text        not null,
  dest_version text        not null,
  -- The task, device name and iot id of each device.
  targets      jsonb       not null,
  timeout      text        not null,
  need_push    boolean     not null,
  need_confirm boolean     not null,
  tags         jsonb       not null,
  created_at   timestamptz not null,
  -- Null while it runs.
  verdict      text        check (verdict in ('VERIFIED', 'FAILED')),
  concluded_at timestamptz
) with (fillfactor = 80);
create unique index verify_job_running on verify_job (firmware_id) where verdict is null;

-- What a command was answered, for the request that is sent again.
create table command_answer (
  command_id  text        not null primary key,
  fingerprint text        not null,
  -- The wire type of the reply, and its JSON as it was sent.
  answer_type text        not null,
  answer      text        not null,
  decided_at  timestamptz not null
);
create index command_answer_decided_at on command_answer (decided_at);
