-- Jobs that ended are removed when they are old.
create index verify_job_concluded_at on verify_job (concluded_at) where concluded_at is not null;
