-- The evidence for how a task ended: what happened to it and was heard of its device, in the order of the log.
create table task_history (
  task_id text        not null,
  number  int         not null,
  at      timestamptz not null,
  kind    text        not null,
  detail  text        not null,
  primary key (task_id, number)
);

alter table task add column history_length int not null default 0;
