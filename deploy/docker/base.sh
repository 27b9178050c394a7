#!/usr/bin/env bash
# Make rapport/python from Debian's packages, for machines that reach no image registry (as root).
# shellcheck disable=SC1091,SC2154 # engine.sh assigns `engine`
set -euo pipefail
source "$(dirname "$0")/engine.sh"
command -v debootstrap >/dev/null || { echo "no base image: apt install debootstrap, or set BASE" >&2; exit 1; }
[[ $(id -u) == 0 ]] || { echo "no base image: debootstrap needs root; or set BASE" >&2; exit 1; }
folder=$(mktemp -d /var/tmp/rapport-base.XXXXXX)
trap 'rm -rf "$folder"' EXIT

debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$folder" >"$folder.log" 2>&1 ||
    { tail -20 "$folder.log" >&2; exit 1; }
ln -sf python3 "$folder/usr/bin/python"
cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/" # a proxy's certificate, where there is one
rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/* "$folder.log"
container=$("${engine[@]}" from scratch)
"${engine[@]}" add --quiet "$container" "$folder" / >/dev/null
trusted=/etc/ssl/certs/ca-certificates.crt
"${engine[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    --env PIP_CERT=$trusted --env NODE_EXTRA_CA_CERTS=$trusted "$container"
"${engine[@]}" commit --quiet --rm "$container" rapport/python >/dev/null
