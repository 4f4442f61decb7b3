#!/bin/bash
# Fetches what a PC with systemd runs from, without installing any of it: fetch-pc.sh OUT
# OUT gets `vmlinuz`, `initrd` (the modules that reach the disk) and `disk.img` (Debian with systemd, no Node).
set -eu
here=$(dirname "$(readlink -f "$0")")
out=$1
rm -f "$out/done"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/packages.sh"

use_packages amd64 "$work"
unpack "$work/kernel" "$(kernel_package linux-image-amd64)"
root=$work/root
mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
unpack_with_needs "$root" systemd systemd-sysv base-files base-passwd bash coreutils grep sed usr-is-merged \
  util-linux mount procps busybox-static libstdc++6

# What the scripts of these packages would have done.
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
ln -sf bash "$root/usr/bin/sh"
rm -rf "$root"/usr/share/{doc,locale,man,info,zoneinfo,bug,lintian} "$root"/usr/lib/x86_64-linux-gnu/perl*
cp -r "$here/pc-files/." "$root"
mkdir -p "$root/opt/watchpost"

initrd=$work/initrd
mkdir -p "$initrd"/{bin,modules,files,dev,root}
cp "$root/usr/bin/busybox" "$initrd/bin/"
for name in sh mount umount insmod cp switch_root; do ln -s busybox "$initrd/bin/$name"; done
cp "$here/pc-init.sh" "$initrd/init"

# The modules wanted, each after those that it needs.
version=$(ls "$work/kernel/lib/modules")
"$root/usr/bin/busybox" depmod -b "$work/kernel" "$version"
modules=$work/kernel/lib/modules/$version
for name in virtio_pci virtio_blk crc32c_generic ext4 9pnet_virtio 9p i6300esb; do
  grep "/$name.ko:" "$modules/modules.dep" | tr -d : | tr ' ' '\n' | tac
done | awk '!seen[$0]++' >"$work/wanted"
while read -r file; do
  cp "$modules/$file" "$initrd/modules/"
  basename "$file" >>"$initrd/modules/order"
done <"$work/wanted"

(cd "$initrd" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$out/initrd"
mke2fs -q -t ext4 -d "$root" -O ^metadata_csum "$out/disk.img" 600M
cp "$work"/kernel/boot/vmlinuz-* "$out/vmlinuz"
