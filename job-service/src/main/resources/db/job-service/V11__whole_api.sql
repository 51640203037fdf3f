-- Products and firmware that are deleted stay as rows, so that their numbers and ids cannot begin again. Their names are
-- free: only among what is not deleted must they be unique.
alter table product add column deleted_at timestamptz;
alter table product drop constraint product_name_in_account;
create unique index product_name_in_account on product (account, name) where deleted_at is null;

alter table firmware add column deleted_at timestamptz;
alter table firmware drop constraint firmware_name_in_account;
create unique index firmware_name_in_account on firmware (account, name) where deleted_at is null;
create index firmware_of_product on firmware (product_key) where deleted_at is null;

-- The modules of a product besides the default one.
create table module (
  product_key text        not null references product,
  module_name text        not null,
  alias_name  text,
  description text,
  primary key (product_key, module_name)
);

-- Tasks that were confirmed and cancelled, by their ids.
alter table verify_job add column confirmed jsonb not null default '[]';
alter table verify_job add column canceled jsonb not null default '[]';
create index verify_job_running_of_product on verify_job (product_key) where verdict is null;

-- Secrets that are brought along by what moves in, until the command of this id is decided. They are in no message.
create table staged_secret (
  command_id text        not null primary key,
  secret     text        not null,
  staged_at  timestamptz not null
);
create index staged_secret_staged_at on staged_secret (staged_at);
