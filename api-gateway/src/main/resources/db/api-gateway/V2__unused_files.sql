-- Uploaded files that no firmware had when they were looked at: none is created of them any more, until they are found in use
-- after all. A file that is being removed never comes back.
create table unused_file (
  file_key  text        not null primary key,
  marked_at timestamptz not null,
  removing  boolean     not null default false
);
