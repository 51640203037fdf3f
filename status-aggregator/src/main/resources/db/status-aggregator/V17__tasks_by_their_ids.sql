-- The id of a task begins with what its job's id begins with: the primary key finds the tasks of a job. A task is only written with, or
-- after, its job, and goes with it.
alter table task drop constraint task_job_id_fkey;
drop index task_of_job;
