import type { Surroundings } from './mistake.ts';

/** A mount of its own, which nobody else sees; without root, as root of a namespace of users. */
const NAMESPACE = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-r', '-m'];
/** Runs what follows, and says whether the folder `$0` has stayed as it was: outside of the namespace nobody sees it. */
const HELD = `
state() { (cd "$0" && find . -exec stat -c '%n %A %s' {} + | sort && find . -type f -exec sha256sum {} + | sort); }
before=$(state)
status=0; "$@" || status=$?
if [ "$before" != "$(state)" ]; then echo "CHANGED: $0"; fi
exit $status`;

/**
 * The folder as a disk of its own with what is in it, and not a byte to spare. What can only be found out by writing may
 * leave what was begun.
 */
export const full =
  (folder: string, promise: 'stays' | 'may be begun' = 'stays'): Surroundings =>
  () => [
    ...[...NAMESPACE, 'sh', '-c'],
    `set -e; cp -a "$0" "$0.was"; mount -t tmpfs -o size=$(($(du -sk "$0" | cut -f1) + 64))k tmpfs "$0"; cp -a "$0.was/." "$0"; rm -r "$0.was"
     cat /dev/zero >"$0/pictures" 2>/dev/null || true
     ${promise === 'stays' ? HELD : 'exec "$@"'}`,
    folder,
  ];

/** The folder as a card whose switch stands at "lock". */
export const writeProtected =
  (folder: string): Surroundings =>
  () => [
    ...[...NAMESPACE, 'sh', '-c'],
    `set -e; mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"
     ${HELD}`,
    folder,
  ];

/** Root without its power over files of others; whoever is not root has none. */
export const withoutPower: Surroundings = () =>
  process.getuid?.() === 0
    ? ['setpriv', '--inh-caps=-all', '--bounding-set=-dac_override,-dac_read_search,-fowner,-chown']
    : [];
