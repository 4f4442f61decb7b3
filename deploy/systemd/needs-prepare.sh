#!/bin/sh
# needs-prepare.sh DATA ROOT FILE…: whether a device's folder must be prepared (exit 0), or is as its profile says
# (exit 1): a machine that boots must not wait for what was done before. Removing DATA/prepared has it done again.
set -eu
data=$1 root=$2
shift 2
[ -e "$data/prepared" ] && [ -e "$data/profile.json" ] || exit 0
[ -n "$(find "$root/package.json" "$root/device-profiles" "$@" -newer "$data/prepared" -print -quit)" ]
