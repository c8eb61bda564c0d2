#!/bin/sh
# Make or refresh .venv from a lock file: scripts/venv.sh base|test
#
# Does nothing, quickly, when .venv already fits. Every package is checked against the hash in the
# lock. uv installs in a second what takes pip a quarter of a minute; where a package index is
# configured for pip alone, or uv cannot reach one, pip does it.
set -eu
cd "$(dirname "$0")/.."

which=$1
venv=.venv
say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

find_python() {
    for name in "${PYTHON:-}" python3.11 python3 python3.12 python3.13 python3.14; do
        if [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
        then
            command -v "$name"
            return
        fi
    done
    fail "Callbox needs Python 3.11 or newer; none was found. If it has an unusual name: make PYTHON=/path/to/python3.11"
}

wanted() { # of what .venv was made: this lock, this folder, this Python
    printf '%s %s %s\n' "$1" "$(cat requirements/"$1".txt pyproject.toml scripts/venv.sh | cksum)" "$PWD"
}

fits() {
    [ -x $venv/bin/python ] && [ -f $venv/made-from ] || return 1
    made=$(cat $venv/made-from)
    # The test lock holds everything that the base lock holds.
    [ "$made" = "$(wanted "$which")" ] || [ "$made" = "$(wanted test)" ]
}

make_venv() {
    python=$(find_python)
    rm -rf $venv
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv $venv
    elif "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --without-pip $venv
        "$python" -m pip --python $venv/bin/python install -q pip
    else
        fail "This Python can make no virtual environment: its module ensurepip is missing. On Debian and Ubuntu: apt-get install python3-venv"
    fi
}

pip() { $venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
uv() { UV_HTTP_TIMEOUT=20 UV_NO_CONFIG=1 UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never $venv/bin/uv "$@" --python $venv/bin/python; }

own_index() { # an index that only pip knows of; packages of an extra index are not ours
    [ -n "${PIP_INDEX_URL:-}" ] || pip config list | grep -qE '[.:]index-url='
}

install() {
    if ! own_index && pip install -q --no-compile --require-hashes -r requirements/uv.txt 2>/dev/null &&
        uv pip install -q --require-hashes -r requirements/"$which".txt &&
        uv pip install -q --no-deps --no-build-isolation --offline -e .; then
        return
    fi
    say "(with pip, which takes a little longer)"
    pip install -q --require-hashes -r requirements/"$which".txt
    pip install -q --no-deps --no-build-isolation --no-index -e .
}

if fits; then exit 0; fi
say "Installing Callbox into $venv (once) ..."
if ! $venv/bin/python -m pip --version >/dev/null 2>&1 || [ "$(cut -d' ' -f4- $venv/made-from 2>/dev/null)" != "$PWD" ]; then
    make_venv
fi
rm -f $venv/made-from
install || fail "The packages could not be installed; the lines above say why. Is a package index within reach?"
wanted "$which" >$venv/made-from
