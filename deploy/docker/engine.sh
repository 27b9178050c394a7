#!/usr/bin/env bash
# Sourced: `engine` is what builds and runs images here.
# shellcheck disable=SC2034 # used by those who source it
if docker info >/dev/null 2>&1; then
    engine=(docker)
elif command -v podman >/dev/null; then
    engine=(podman)
elif command -v buildah >/dev/null; then
    engine=(buildah --storage-driver vfs)
else
    echo "no docker, podman or buildah: apt install buildah" >&2
    exit 1
fi
