#!/bin/sh
# note-end.sh DATA: how the last run ended, by systemd's own word ("watchdog", "signal", …), for the next one to tell.
set -eu
printf '%s %s %s %s\n' "$(cat /proc/sys/kernel/random/boot_id)" "${SERVICE_RESULT:-unknown}" "${EXIT_CODE:--}" \
  "${EXIT_STATUS:--}" >"$1/last-end.new"
mv "$1/last-end.new" "$1/last-end"
