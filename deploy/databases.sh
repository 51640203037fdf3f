#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run by the PostgreSQL image when its data directory is new: a database and a role for each service.
set -eu
password=$(cat /run/ota-secrets/ota.database.password)
for service in job_service device_dispatcher status_aggregator; do
  psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -v name="$service" -v password="$password" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke all on database :"name" from public;
SQL
done
