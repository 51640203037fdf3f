-- Who may call, what was called, and how often.

-- A user of an account, whose keys may be limited. Null: not limited.
create table sub_user (
  account    text        not null,
  name       text        not null,
  actions    text[],
  products   text[],
  created_at timestamptz not null default now(),
  primary key (account, name)
);

-- A deleted key stays as a row without its secret, so that nothing makes its id valid again.
create table access_key (
  id            text        not null primary key,
  account       text        not null,
  user_name     text,
  sealed_secret bytea,
  enabled       boolean     not null default true,
  created_at    timestamptz not null default now(),
  deleted_at    timestamptz,
  foreign key (account, user_name) references sub_user (account, name),
  check ((sealed_secret is null) = (deleted_at is not null))
);

-- A known text, sealed with the master key that the secrets are sealed with: a gateway with another one does not start.
create table master_key (
  only_row boolean not null primary key default true check (only_row),
  sealed   bytea   not null
);

-- The signed requests that were admitted, by the name that comes of access key and nonce, as long as they are valid.
create table signed_request (
  id          text        not null primary key,
  fingerprint text        not null,
  account     text        not null,
  action      text        not null,
  admitted_at timestamptz not null,
  repeats     integer     not null default 0
);
create index signed_request_by_time on signed_request (admitted_at);

-- When the calls of the last second were admitted.
create table quota (
  account  text          not null,
  action   text          not null,
  admitted timestamptz[] not null default '{}',
  primary key (account, action)
) with (fillfactor = 50);

-- Decides on one signed request. verdict: ADMITTED; REPEATED, the same request was admitted before; USED, another one with its
-- access key and nonce was; THROTTLED, as many as per_second were admitted within the second before, and a call after wait_ms may
-- pass. A per_second of 0 admits all. Repeating is what clients do when a connection breaks, so a few repeats are no calls of
-- their own; many are, since repeating would be a way around the quota.
create function admit(request text, print text, caller text, called text, per_second integer,
    out verdict text, out wait_ms integer) language plpgsql as $$
declare
  span          constant interval := interval '1 second';
  free          constant integer := 10;
  at            timestamptz;
  admissions    timestamptz[];
  known         text;
  known_repeats integer;
begin
  wait_ms := 0;
  if per_second > 0 then
    -- One after the other from here to the commit, on all gateways.
    select q.admitted into admissions from quota q where q.account = caller and q.action = called for update;
    if not found then
      insert into quota (account, action) values (caller, called) on conflict do nothing;
      select q.admitted into admissions from quota q where q.account = caller and q.action = called for update;
    end if;
  end if;
  at := clock_timestamp();
  update signed_request r set repeats = r.repeats + 1 where r.id = request
    returning r.fingerprint, r.repeats into known, known_repeats;
  if known <> print then
    verdict := 'USED';
    return;
  end if;
  if known = print and (per_second = 0 or known_repeats <= free) then
    verdict := 'REPEATED';
    return;
  end if;
  if per_second > 0 then
    -- What is later than now was admitted before the clock was set back.
    admissions := array(select t from unnest(admissions) t where t >= at - span and t <= at + span order by t);
    if cardinality(admissions) >= per_second then
      verdict := 'THROTTLED';
      wait_ms := 1 + ceil(extract(epoch from admissions[cardinality(admissions) - per_second + 1] + span - at) * 1000);
      return;
    end if;
    update quota q set admitted = admissions || at where q.account = caller and q.action = called;
  end if;
  verdict := case when known is null then 'ADMITTED' else 'REPEATED' end;
  if known is null then
    insert into signed_request (id, fingerprint, account, action, admitted_at)
      values (request, print, caller, called, at) on conflict do nothing;
    if not found then
      -- At the same moment as another action, or without a quota, so without the lock.
      select r.fingerprint into known from signed_request r where r.id = request;
      verdict := case when known = print then 'REPEATED' else 'USED' end;
    end if;
  end if;
end $$;
