-- Is read whole, and never looked into: as jsonb it was taken apart for each row that was written.
alter table device_task alter column assignment type json;
