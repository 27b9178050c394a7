#!/usr/bin/env bash
# Run pytest on private servers, started for this run and stopped after it whatever happens.
# Servers named by CRM_TEST_PG_URL, CRM_TEST_AMQP_URL and CRM_TEST_AMQP_MANAGEMENT_URL are used as they are.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
python=${PYTHON:-python3}
up=deploy/local/up.py
home=${CRM_TEST_HOME:-.local/test}

"$python" $up venv --dev || exit 1

if [[ -z ${CRM_TEST_PG_URL:-} || -z ${CRM_TEST_AMQP_URL:-} || -z ${CRM_TEST_AMQP_MANAGEMENT_URL:-} ]]; then
    trap '"$python" $up down --home "$home"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "$python" $up servers --volatile --home "$home" || exit 1
    eval "$("$python" $up env --home "$home")"
fi

.local/venv/bin/python -m pytest "$@"
