-- The W3C trace context that the task was assigned in: what its device reports belongs to the same trace.
alter table device_task add trace text;
