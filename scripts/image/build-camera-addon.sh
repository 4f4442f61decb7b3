#!/bin/sh
# Builds gstreamer-superficial for arm64 without its binding.gyp, which asks pkg-config of the machine that builds.
#   build-camera-addon.sh NODE_MODULES HEADERS POOL     HEADERS: unpacked -dev packages; POOL: of libraries, one a folder
set -eu
modules=$1 headers=$2 pool=$3
addon=$modules/gstreamer-superficial
triplet=aarch64-linux-gnu
out=$addon/build/Release
mkdir -p "$out"
"$triplet-g++" -std=gnu++20 -O2 -fPIC -shared -w -DNODE_GYP_MODULE_NAME=gstreamer_superficial -DBUILDING_NODE_EXTENSION \
  -I/usr/local/include/node -I"$modules/nan" \
  -I"$headers/usr/include/gstreamer-1.0" -I"$headers/usr/include/glib-2.0" \
  -I"$headers/usr/lib/$triplet/glib-2.0/include" -I"$headers/usr/include/orc-0.4" \
  -o "$out/gstreamer-superficial.node" \
  "$addon/gstreamer.cpp" "$addon/GLibHelpers.cpp" "$addon/GObjectWrap.cpp" "$addon/Pipeline.cpp" \
  $(printf -- '-L%s ' "$pool"/*/usr/lib/"$triplet") \
  -l:libgstapp-1.0.so.0 -l:libgstvideo-1.0.so.0 -l:libgstreamer-1.0.so.0 -l:libgobject-2.0.so.0 -l:libglib-2.0.so.0
rm -f "$addon"/*.cpp "$addon"/*.h "$addon/binding.gyp" "$addon/CMakeLists.txt"
