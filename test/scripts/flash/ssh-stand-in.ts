import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * In the place of ssh: runs what it is told, here. What goes over the line is kept in LINE; after CUT bytes of it the
 * connection is gone; SAYS is what ssh itself complains of before anything runs.
 */
const STAND_IN = `#!/bin/sh
if [ -n "$SAYS" ]; then echo "$SAYS" >&2; exit 255; fi
while [ "$1" != -- ]; do shift; done
shift 2
case "$*" in *bs=65536*) ;; *) CUT= ;; esac
if [ -n "$CUT" ]; then head -c "$CUT" | tee -a "$LINE" | sh -c "$*"; exit 255; fi
tee -a "$LINE" | sh -c "$*"
`;

/** Environment in which `ssh` is that; made in a folder of the test's own. */
export function sshStandIn(dir: string) {
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin/ssh'), STAND_IN, { mode: 0o755 });
  return { PATH: `${join(dir, 'bin')}:${process.env.PATH}`, LINE: join(dir, 'line'), CUT: '', SAYS: '' };
}
