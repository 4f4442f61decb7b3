import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutFetched } from './fetch.ts';
import { withoutPrograms } from './programs.ts';

export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
/** What a PC runs from, once fetched. */
export const PC_FOLDER = join(PROJECT, '.cache/guest-pc');
const HERE = join(PROJECT, 'test/hardware/guest');
const PROGRAMS = ['qemu-system-x86_64', 'mke2fs', 'cpio', 'apt-get', 'dpkg-deb'];
const SOURCES = [
  'packages.sh',
  'pc-init.sh',
  'pc-files/etc/orders.sh',
  'pc-files/etc/systemd/system/orders.service',
];

/**
 * Fetches (once) Debian with systemd for a PC in QEMU. Answers why there can be none here, or false. Its Node and modules
 * are this machine's, which therefore has to be a PC itself.
 */
export async function withoutPc(): Promise<string | false> {
  if (process.arch !== 'x64')
    return `the guest is a PC, and has this machine’s Node, which is for ${process.arch}`;
  const missing = withoutPrograms(PROGRAMS);
  if (missing !== false) return missing;
  return await withoutFetched({
    script: join(HERE, 'fetch-pc.sh'),
    folder: PC_FOLDER,
    args: [],
    sources: SOURCES.map((name) => join(HERE, name)),
  });
}
