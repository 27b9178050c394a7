#!/usr/bin/env bash
# Run the whole platform from the images, on private servers; write through it, compare, stop it.
set -euo pipefail
cd "$(dirname "$0")/../.."
home=${CRM_HOME:-.local/images}
export CRM_HOME=$home CRM_ROLE_COMMAND=$PWD/deploy/docker/role-of-image
trap 'python3 deploy/local/up.py down --home "$home"' EXIT
python3 deploy/local/up.py up --volatile --home "$home"
.local/venv/bin/crm demo load
.local/venv/bin/crm verify
