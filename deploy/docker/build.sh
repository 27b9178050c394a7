#!/usr/bin/env bash
# Build every image with what the machine has: docker, podman or buildah. BASE names the Python image;
# where its registry cannot be reached, one is made from Debian's packages.
# shellcheck disable=SC1091,SC2154 # engine.sh assigns `engine`
set -euo pipefail
cd "$(dirname "$0")/../.."
source deploy/docker/engine.sh
services=${*:-contacts sales marketing support gateway}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
file=deploy/docker/Dockerfile

case ${engine[0]} in
    docker) build=(docker build) ;;
    podman) build=(podman build --format docker) ;;
    buildah) build=("${engine[@]}" bud --isolation chroot --format docker) ;;
esac
python=${BASE:-$(sed -n 's/^ARG PYTHON=//p' $file)}
if ! "${engine[@]}" pull "$python" >/dev/null 2>&1; then
    python=localhost/rapport/python
    "${engine[@]}" inspect "$python" >/dev/null 2>&1 || deploy/docker/base.sh
fi
build+=(--build-arg "PYTHON=$python" --file "$file")

"${build[@]}" --target base --tag rapport/base .
"${build[@]}" --target build --tag rapport/build .
for service in $services; do
    "${build[@]}" --build-arg "SERVICE=$service" --build-arg "REVISION=$revision" --tag "rapport/$service" .
done
