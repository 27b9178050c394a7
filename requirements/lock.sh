#!/usr/bin/env bash
# Recompile every hashed lock: dev first, the others constrained by it, so that all agree on every version.
# A release younger than a week is not taken (cooldown); no address of a package index is written.
set -euo pipefail
cd "$(dirname "$0")"

options=(--quiet --universal --generate-hashes --no-emit-index-url --no-header --no-config --python-version 3.11)
options+=(--exclude-newer "$(date -u -d '7 days ago' +%F)")

UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile "${options[@]}" "$@" dev.in --output-file dev.txt
for name in build platform contacts sales marketing support gateway client; do
    uv pip compile "${options[@]}" --constraint dev.txt "$name.in" --output-file "$name.txt"
done

if grep -nE 'https?://|--(extra-)?index-url|--find-links' ./*.txt; then
    echo "a lock names a package index: remove the line above and look at your uv settings" >&2
    exit 1
fi
