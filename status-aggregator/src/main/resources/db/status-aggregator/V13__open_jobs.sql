-- Open jobs are counted every few seconds, beside any number of finished ones.
create index job_open on job (job_id) where ended_at is null;
