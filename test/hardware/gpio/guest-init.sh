#!/bin/sh
# The first process of the guest. A line that begins with t is echoed at once: edges are handled by kernel threads of
# real-time priority, so that on one CPU the echo proves that the kernel has every edge before it, whatever Node does.
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
stty -echo
addon=/app/.cache/native/linux-arm64/watchpost.node
mkfifo /orders
/bin/node --disable-warning=ExperimentalWarning /app/test/hardware/gpio/guest-watch.ts </orders &
watcher=$!
exec 3>/orders
while read -r order; do
  case $order in
    t*) echo "$order" ;;
    stop) kill -STOP $watcher && echo '=> stopped' ;;
    continue) kill -CONT $watcher && echo '=> going' ;;
    export*) echo "${order#export }" >/sys/class/gpio/export && echo '=> exported' ;;
    hide) mv $addon $addon.hidden && echo '=> hidden' ;;
    show) mv $addon.hidden $addon && echo '=> shown' ;;
    end) poweroff -f ;;
    *) echo "$order" >&3 ;;
  esac
done
