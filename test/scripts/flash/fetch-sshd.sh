#!/bin/bash
# Fetches a server of OpenSSH without installing it, which would start one: fetch-sshd.sh OUT. OUT gets a tree.
set -eu
here=$(dirname "$(readlink -f "$0")")
out=$1
rm -rf "$out/root"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/../../hardware/guest/packages.sh"
use_packages "$(dpkg --print-architecture)" "$work"
unpack "$out/root" openssh-server libwrap0
