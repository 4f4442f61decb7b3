#!/bin/sh
# HEALTHCHECK of the image: whether the agent found its alarm path alive lately. It leaves the time of that, in seconds
# since the board was started, and its process in a file in memory; no clock that can be set is asked, and no Node is
# started for it. An agent that stands still is ended, for Docker only tells of it: with --init, so that it is not
# process 1, and --restart, it begins anew.
set -u
file=${WATCHPOST_ALIVE_FILE:-/tmp/watchpost-alive}
if ! read -r at pid 2>/dev/null <"$file"; then
  echo "not armed: $file is not there"
  exit 1
fi
read -r now _ </proc/uptime
age=$((${now%.*} - at))
echo "alarm path found alive $age s ago"
[ "$age" -le "${WATCHPOST_ALIVE_WITHIN_S:-10}" ] && exit 0
if [ "$pid" -ne 1 ]; then
  rm -f "$file"
  kill -KILL "$pid" && echo "ended process $pid, which stood still"
fi
exit 1
