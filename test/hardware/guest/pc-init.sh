#!/bin/sh
# The first process of the guest: reaches the disk and the project, and hands over to systemd.
mount -t devtmpfs dev /dev
while read -r name; do insmod "/modules/$name"; done </modules/order
mount -t ext4 /dev/vda /root
shared() { mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 "$1" "$2"; }
shared project /root/opt/watchpost
# What this test wants to have on the machine besides.
shared files /files
cp -a /files/. /root/
umount /files
mount -o move /dev /root/dev
exec switch_root /root /lib/systemd/systemd
