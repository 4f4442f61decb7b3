#!/bin/sh
# Fetches Debian packages for arm64 with all that they depend on and BASE lacks, and unpacks each into POOL/NAME, its
# control data into CONTROL/NAME. Nothing is installed, so nothing of another machine is run.
#   fetch-packages.sh BASE POOL CONTROL PACKAGE…     BASE: root of the base image
#   fetch-packages.sh --alone POOL PACKAGE…          without what they depend on (headers)
set -eu
state=/tmp/apt-arm64
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs"
apt() {
  apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
    -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" \
    -o Dir::Cache="$state/cache" -o Dir::Etc::parts=/nonexistent "$@"
}
if [ "$1" = --alone ]; then
  pool=$2
  shift 2
  cd "$state/debs"
  apt download "$@"
  for deb in *.deb; do dpkg-deb -x "$deb" "$pool"; done
  exit
fi
cp "$1/var/lib/dpkg/status" "$state/status"
pool=$2 control=$3
shift 3
mkdir -p "$pool" "$control"
apt update
apt install -y --no-install-recommends --download-only "$@"
for deb in "$state"/cache/archives/*.deb; do
  name=$(basename "$deb")
  name=${name%%_*}
  mkdir -p "$pool/$name"
  dpkg-deb -x "$deb" "$pool/$name"
  dpkg-deb -f "$deb" >"$control/$name"
done
