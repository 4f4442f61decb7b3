#!/bin/bash
# Fetches the bootloader of an Arduino Uno, without installing the package, which would bring a compiler along:
# fetch-bootloader.sh OUT. OUT gets `optiboot.hex`.
set -eu
here=$(dirname "$(readlink -f "$0")")
out=$1
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/../guest/packages.sh"
use_packages "$(dpkg --print-architecture)" "$work"
unpack "$work/root" arduino-core-avr
cp "$work/root/usr/share/arduino/hardware/arduino/avr/bootloaders/optiboot/optiboot_atmega328.hex" "$out/optiboot.hex"
