#!/usr/bin/env bash
# Build every image with what the machine has: docker, podman or buildah. BASE names the Python image.
set -euo pipefail
cd "$(dirname "$0")/../.."
services=${*:-contacts sales marketing support gateway}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

if docker info >/dev/null 2>&1; then
    build=(docker build)
elif command -v podman >/dev/null; then
    build=(podman build --format docker)
elif command -v buildah >/dev/null; then
    build=(buildah bud --isolation chroot --storage-driver vfs --format docker)
else
    echo "no docker, podman or buildah: apt install buildah" >&2
    exit 1
fi
[[ -z ${BASE:-} ]] || build+=(--build-arg "PYTHON=$BASE")

file=deploy/docker/Dockerfile
"${build[@]}" --file $file --target base --tag rapport/base .
"${build[@]}" --file $file --target build --tag rapport/build .
for service in $services; do
    "${build[@]}" --file $file --build-arg "SERVICE=$service" --build-arg "REVISION=$revision" \
        --tag "rapport/$service" .
done
