-- Tasks that ended are removed when they are old. Of those that had ended before this, when is not known.
alter table device_task add column ended_at timestamptz;
update device_task set ended_at = now() where deadline_at is null;
alter table device_task add constraint a_task_is_open_or_has_ended check ((ended_at is null) = (deadline_at is not null));
create index device_task_ended_at on device_task (ended_at) where ended_at is not null;

-- Reports of progress so far: of too many only those that are further than before are told.
alter table device_task add column reports int not null default 0;
