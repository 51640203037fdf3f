-- The first entry of a history, that of the task's creation, follows from the job and is no longer kept; tasks of 0.1.0 have it, too.
delete from task_history where number = 1 and kind = 'CREATED';
alter table task alter column history_length set default 1;
update task set history_length = 1 where history_length = 0;
