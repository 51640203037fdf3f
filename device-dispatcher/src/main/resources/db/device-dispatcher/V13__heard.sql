-- The ids of what was heard of a device last: Kafka's producer may write a record twice.
alter table device add column heard jsonb not null default '[]';
