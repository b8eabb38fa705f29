#!/bin/sh
# Installs what the tests start: PostgreSQL, Redis, Prometheus and Chromium, from Debian's packages.
# Does nothing where they are installed already.
set -eu

packages=''
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages="$packages postgresql"
command -v redis-server >/dev/null 2>&1 || packages="$packages redis-server"
command -v prometheus >/dev/null 2>&1 || packages="$packages prometheus"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
	command -v google-chrome >/dev/null 2>&1 || packages="$packages chromium"

if [ -z "$packages" ]; then
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "Missing:$packages. There is no apt-get here: install them with this system's own package manager." >&2
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "Missing:$packages. Run this as root: sudo sh test/services/install.sh" >&2
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# Once first: on a new machine the package lists are empty, or older than what is served.
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $packages >/dev/null
