-- Tasks that ended are removed when they are old. Of those that had ended before this, when is not known. A trigger, so that an instance of
-- the version before, which knows nothing of it, may still be at work.
alter table device_task add column ended_at timestamptz;
update device_task set ended_at = now() where deadline_at is null;
create index device_task_ended_at on device_task (ended_at) where ended_at is not null;

create function device_task_ends() returns trigger language plpgsql as $$
begin
  if new.deadline_at is null and new.ended_at is null then
    new.ended_at := now();
  end if;
  return new;
end $$;
create trigger device_task_ends before insert or update on device_task for each row execute function device_task_ends();
