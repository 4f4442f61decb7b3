import { spawnSync } from 'node:child_process';
import type { Teardown } from '#test/scripts/flash/kit.ts';

/** Why there can be no block devices here, or false. */
export const NO_LOOP: string | false = refusal();

function refusal(): string | false {
  if (process.geteuid?.() !== 0) return 'only root makes loop devices';
  const { status, stderr, error } = spawnSync('losetup', ['--find'], { encoding: 'utf8' });
  return status === 0 ? false : `no loop device: ${error?.message ?? stderr.trim()}`;
}

/** The block device of an image, gone with the test. */
export function loopDevice(t: Teardown, image: string, ...options: string[]): string {
  const { status, stdout, stderr } = spawnSync('losetup', ['--find', '--show', ...options, image], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new RangeError(stderr);
  const device = stdout.trim();
  t.teardown(() => {
    spawnSync('losetup', ['--detach', device]);
    // What was read-only stays so for the next who gets this device.
    spawnSync('blockdev', ['--setrw', device]);
  });
  return device;
}
