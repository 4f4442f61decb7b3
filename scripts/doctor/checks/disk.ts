import { DISK_FREE } from '#agent/behaviours/health/probes.ts';
import type { Check } from '../check.ts';
import { type Finding, failed, ok, skipped, warning } from '../finding.ts';
import type { Machine } from '../machine.ts';
import { listSystem, readSystem } from '../machine.ts';
import { type Mount, mountOf } from '../mount.ts';

const MIB = 1024 * 1024;
const MEMORY_TYPES = ['tmpfs', 'ramfs'];

/** The file system on which the device stores: room, errors, and whether it can be written at all. */
export const diskCheck: Check = {
  name: 'disk',
  examine: async ({ machine, dataDir }) => {
    const dir = dataDir ?? '/';
    const mount = mountOf(machine, dir);
    try {
      return [await roomFinding(machine, dir), ...(mount === null ? [] : mountFindings(machine, mount))];
    } catch (error) {
      // The folder itself is looked at elsewhere (WP4727).
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return [skipped('disk', `there is no ${dir}`)];
      }
      throw error;
    }
  },
};

/** The limits are those of the agent's own health (`disk`). */
async function roomFinding(machine: Machine, dir: string): Promise<Finding> {
  const what = 'disk room';
  const { freeBytes, freeFiles, files } = await machine.space(dir);
  const detail = `${Math.round(freeBytes / MIB)} MiB free at ${dir}`;
  if (files > 0 && freeFiles === 0)
    return failed(what, { code: 'WP4713', detail: `${detail}, but no inodes: too many small files` });
  if (freeBytes < DISK_FREE.failed) return failed(what, { code: 'WP4713', detail });
  if (freeBytes < DISK_FREE.degraded) return warning(what, { code: 'WP4713', detail });
  return ok(what, detail);
}

function mountFindings(machine: Machine, mount: Mount): Finding[] {
  const { point, source, type, isReadOnly } = mount;
  const shown = `${source} (${type}) at ${point}`;
  if (MEMORY_TYPES.includes(type)) return [warning('disk', { code: 'WP4725', detail: shown })];
  const writable = isReadOnly
    ? failed('disk is writable', {
        code: 'WP4711',
        detail: shown,
        remedy: `sudo dmesg | grep -i -e ${type} -e mmc; then in another machine: sudo fsck -f ${source}`,
      })
    : ok('disk is writable', shown);
  return [writable, ...errorFindings(machine, mount)];
}

/** ext4 counts what it finds wrong from its last check on (Documentation/ABI/testing/sysfs-fs-ext4). */
function errorFindings(machine: Machine, { deviceName, source, type }: Mount): Finding[] {
  const what = 'file system';
  if (type !== 'ext4' || deviceName === null || !listSystem(machine, '/sys/fs/ext4').includes(deviceName))
    return [];
  const folder = `/sys/fs/ext4/${deviceName}`;
  const errors = readSystem(machine, `${folder}/errors_count`);
  if (errors === null) return [];
  if (Number(errors) === 0) return [ok(what, 'no errors noted')];
  const lastS = Number(readSystem(machine, `${folder}/last_error_time`) ?? 0);
  const when = lastS > 0 ? `, the last at ${new Date(lastS * 1000).toISOString()}` : '';
  const remedy = `in another machine, or from a rescue system: sudo fsck -f ${source}`;
  return [failed(what, { code: 'WP4712', detail: `${errors} on ${source}${when}`, remedy })];
}
