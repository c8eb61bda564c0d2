#!/bin/sh
# Write the lock files anew from their .in files: scripts/lock.sh [--upgrade]
#
# The locks name versions and hashes, and no place to fetch them from.
set -eu
cd "$(dirname "$0")/../requirements"

for name in uv base test; do
    ../.venv/bin/uv pip compile -q --generate-hashes --universal --python-version 3.11 \
        --no-header --no-emit-index-url --no-emit-find-links --no-config \
        --python ../.venv/bin/python "$@" "$name.in" -o "$name.txt"
done
