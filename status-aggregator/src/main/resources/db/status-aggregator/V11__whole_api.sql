-- What was deleted stays as a row, for its numbers: a key may come again, and its writer goes on counting. No query shows it.
alter table product add column deleted_at timestamptz;
alter table product add column modified_at timestamptz;
create index product_newest on product (account, created_at desc, product_key) where deleted_at is null;

alter table firmware add column deleted_at timestamptz;
create index firmware_newest on firmware (account, created_at desc, firmware_id) where deleted_at is null;

create table module (
  product_key text        not null references product,
  module_name text        not null,
  alias_name  text,
  description text,
  created_at  timestamptz not null,
  modified_at timestamptz not null,
  primary key (product_key, module_name)
);

create index job_newest on job (firmware_id, created_at desc, job_id);
create index task_open_of_device on task (device_name) where status in ('CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS');

-- A device without iot_id is not registered (any more), whatever was heard of it.
alter table device add column enabled boolean not null default true;
-- When enabled or online last changed, when it first came online and when it last did.
alter table device add column status_at timestamptz;
alter table device add column activated_at timestamptz;
alter table device add column online_at timestamptz;
update device set status_at = modified_at;
update device set activated_at = modified_at, online_at = modified_at where online or versions <> '{}';
alter table device alter column status_at set not null;
create index device_newest on device (product_key, registered_at desc, device_name) where iot_id is not null;
create index device_iot_id on device (iot_id);

alter table job add column module_name text;
update job set module_name = (select spec ->> 'module_name' from firmware f where f.firmware_id = job.firmware_id);
alter table job alter column module_name set not null;
