#!/bin/sh
# Builds the addon: native/build.sh COMPILER HEADERS OUT
#   COMPILER  cc, aarch64-linux-gnu-gcc, …
#   HEADERS   the folder with node_api.h of the Node that will load it (any Node 24: the interface is stable)
#   OUT       the .node file; replaced in one step, for a process may have the old one loaded
set -eu
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$(dirname "$3")"
"$1" -std=gnu11 -O2 -fPIC -shared -Wall -Wextra -Werror -I"$2" -o "$3.new" "$here"/*.c
mv "$3.new" "$3"
