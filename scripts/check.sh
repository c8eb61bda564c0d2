#!/bin/sh
# Style, types, layers and house rules. Says everything that is wrong, not only the first thing.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=""

try() {
    name=$1
    shift
    printf -- '--- %s\n' "$name"
    "$@" || failed="$failed $name"
}

try style $bin/ruff check .
try format $bin/ruff format --check .
try types $bin/mypy
try layers $bin/lint-imports
# Compares models with migrations; needs no database, and must not find one by accident.
try migrations env DATABASE_URL=postgresql://nobody@%2Fnonexistent/none \
    $bin/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run \
    --settings callbox.settings
try house-rules $bin/python -m pytest tests/policy

if [ -n "$failed" ]; then
    printf 'Failed:%s\n' "$failed" >&2
    exit 1
fi
