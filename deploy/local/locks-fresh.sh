#!/usr/bin/env bash
# Fail when a requirements/*.in names something its lock does not have: `make lock` was forgotten.
set -euo pipefail
cd "$(dirname "$0")/../../requirements"

missing=0
for input in *.in; do
    lock=${input%.in}.txt
    names=$(sed -E '/^(#|-r|$)/d; s/[][<>=~! ].*//' "$input")
    if [[ $input == chassis.in ]]; then lock=dev.txt; fi
    for name in $names; do
        grep -qiE "^${name//[-_.]/[-_.]}(==|\[)" "$lock" || { echo "$lock lacks $name: make lock"; missing=1; }
    done
done
exit $missing
