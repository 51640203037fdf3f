-- Jobs that ended are removed when they are old.
create index job_ended_at on job (ended_at) where ended_at is not null;
