-- The status is in the condition of an index: each change of it was one of all indexes, too. Whether a task is open changes once.
alter table task add column open boolean not null
  generated always as (status in ('CONFIRM', 'QUEUED', 'NOTIFIED', 'IN_PROGRESS')) stored;
drop index task_open_of_device;
create index task_open_of_device on task (device_name) where open;
