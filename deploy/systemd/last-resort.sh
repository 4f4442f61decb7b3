#!/bin/sh
# last-resort.sh UNIT DATA: the unit has ended too often to be started again. What hangs in a kernel driver or on a bus
# is often cured by a reboot, so a machine that has worked before is rebooted: three times at most without a run between
# that lasted, for a device that reboots for ever can be mended by nobody. After that it stays up and the unit is tried
# again now and then.
set -eu
unit=$1
healthy=$(sed -n 's/.*"healthyRuns":\([0-9]*\).*/\1/p' "$2/starts.json" 2>/dev/null || true)
noted=${STATE_DIRECTORY:?}/$unit
reboots=0
if [ -f "$noted" ]; then
  read -r was reboots <"$noted"
  if [ "$was" != "${healthy:-0}" ]; then reboots=0; fi
fi
if [ "${healthy:-0}" -gt 0 ] && [ "$reboots" -lt "${MOST_REBOOTS:-3}" ]; then
  echo "$unit ends again and again: rebooting ($((reboots + 1)) of ${MOST_REBOOTS:-3})" >&2
  printf '%s %s\n' "${healthy:-0}" $((reboots + 1)) >"$noted.new"
  sync "$noted.new"
  mv "$noted.new" "$noted"
  sync "$STATE_DIRECTORY"
  exec systemctl reboot --force
fi
echo "$unit ends again and again ($reboots reboots did not help): trying again in ${AGAIN_AFTER_S:-300} s" >&2
sleep "${AGAIN_AFTER_S:-300}"
systemctl reset-failed "$unit.service"
exec systemctl start --no-block "$unit.service"
