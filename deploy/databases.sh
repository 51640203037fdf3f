#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run by the PostgreSQL image when its data directory is new: a database and a role for each service. May be run again, which
# gives the roles the passwords that the files have now. Texts are compared by their code points, as in the embedded stack: lists
# have one order everywhere, and no index depends on the C library of an image.
set -eu
for service in job-service device-dispatcher api-gateway status-aggregator; do
  psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -v name="$(echo $service | tr - _)" \
    -v password="$(cat "/run/ota-secrets/database.$service")" <<'SQL'
select format('create role %I login', :'name')
  where not exists (select from pg_roles where rolname = :'name') \gexec
select format('create database %I owner %I template template0 locale ''C'' locale_provider builtin builtin_locale ''C.UTF-8''', :'name', :'name')
  where not exists (select from pg_database where datname = :'name') \gexec
alter role :"name" password :'password';
revoke all on database :"name" from public;
SQL
done
