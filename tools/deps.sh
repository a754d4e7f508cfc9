#!/bin/sh
# Installs the programs that the tests start, where they are missing: on Debian
# as root or with sudo. Anywhere else it names the packages and ends with 1.
set -eu

missing=""
need() { missing="$missing $1"; }
have() { command -v "$1" >/dev/null 2>&1; }

PATH="$PATH:/usr/sbin:/sbin"
have gcc || need "gcc libc6-dev" # the race detector
have npm || need npm
have nginx || need nginx
have caddy || need caddy
have chromium || need chromium
# Half the work of the browser is the frame around the page, which nobody sees.
have chromium-headless-shell || ! apt-cache show chromium-headless-shell >/dev/null 2>&1 || need chromium-headless-shell
fc-list 2>/dev/null | grep -q Liberation || need "fontconfig fonts-liberation" # in place of a phone's, until ours have come
have java || need default-jre-headless # the Nu checker of HTML
have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql
[ -e /etc/ssl/certs/ca-certificates.crt ] || need ca-certificates

[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
	as_root="sudo -n"
	have sudo && sudo -n true 2>/dev/null || as_root=none
fi
if ! have apt-get || [ "$as_root" = none ]; then
	echo "The tests need these packages (names as in Debian):$missing. Install them, then run make test again." >&2
	exit 1
fi

echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
# RUNLEVEL=1: the tests start these programs themselves, no service is wanted.
$as_root env RUNLEVEL=1 apt-get update -q
# shellcheck disable=SC2086 # a list of names
$as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
