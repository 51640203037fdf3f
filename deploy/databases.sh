#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run by the PostgreSQL image when its data directory is new: a database and a role for each service. May be run again.
set -eu
password=$(cat /run/ota-secrets/ota.database.password)
for service in job_service device_dispatcher api_gateway status_aggregator; do
  psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -v name="$service" -v password="$password" <<'SQL'
select format('create role %I login password %L', :'name', :'password')
  where not exists (select from pg_roles where rolname = :'name') \gexec
select format('create database %I owner %I', :'name', :'name')
  where not exists (select from pg_database where datname = :'name') \gexec
revoke all on database :"name" from public;
SQL
done
