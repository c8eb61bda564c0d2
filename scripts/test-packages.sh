#!/bin/sh
# Programs that tests need and pip cannot bring: a browser, fonts, the servers of real networks.
# Installs them from Debian's packages when we may; else says what to install.
set -eu

missing=""
need() { # program package...
    program=$1
    shift
    command -v "$program" >/dev/null 2>&1 || missing="$missing $*"
}
need_package() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' || missing="$missing $1"
}

need chromium chromium
need redis-server redis-server
need node nodejs
need npm npm
need g++ g++
need make make
need git git
if command -v dpkg-query >/dev/null 2>&1; then
    need_package fonts-noto-core
    need_package fonts-noto-cjk
    need_package postgresql
    need_package dovecot-imapd
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    printf 'Tests need programs that are not here. Please install:%s\n' "$missing" >&2
    exit 1
fi
run=""
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        printf 'Tests need programs that are not here. Please run:\n  sudo apt-get install%s\n' "$missing" >&2
        exit 1
    fi
    run="sudo -n"
fi
printf 'Installing for the tests:%s\n' "$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # words on purpose
$run apt-get update -qq && $run apt-get install -y -qq --no-install-recommends $missing >/dev/null
