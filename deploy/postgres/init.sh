#!/usr/bin/env bash
# One database and one role per service, each with a budget of connections (first start only).
set -euo pipefail

for service in contacts sales marketing support gateway; do
    name="crm_$service"
    password=$(cat "/run/settings/$service/database_password")
    psql --quiet --set ON_ERROR_STOP=1 --set name="$name" --set password="$password" \
        --username "${POSTGRES_USER:-postgres}" <<'SQL'
CREATE ROLE :"name" LOGIN NOCREATEDB CONNECTION LIMIT 50 PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
\connect :"name"
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;
CREATE EXTENSION citext;
SQL
done
