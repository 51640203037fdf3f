-- The function was called for each row that is written, nearly all of them of tasks that are open.
create or replace trigger device_task_ends before insert or update on device_task for each row
  when (new.deadline_at is null and new.ended_at is null) execute function device_task_ends();
