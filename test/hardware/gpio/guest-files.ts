import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = join(root, '.cache/guest');
const COMPILER = 'aarch64-linux-gnu-gcc';
const PROGRAMS = ['qemu-system-aarch64', COMPILER, 'cpio', 'apt-get', 'dpkg'];
/** Of the project: what the driver and the watcher import, with nothing of npm. */
const SOURCES = [
  'package.json',
  'contract/clock.ts',
  'contract/errors.ts',
  'contract/errors',
  'agent/ports',
  'agent/core/device-clock.ts',
  'agent/drivers/gpio',
  'test/hardware/gpio/guest-watch.ts',
];

export interface GuestFiles {
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * Fetches (once) what the guest runs from. Answers why there can be no guest here, or false; `scripts/test --extended`
 * installs the programs that it needs.
 */
export async function withoutGuest(): Promise<string | false> {
  const missing = PROGRAMS.filter((name) => !onPath(name));
  if (missing.length > 0) return `${missing.join(', ')} not installed (scripts/test --extended does)`;
  try {
    await fetchOnce();
    return false;
  } catch (cause) {
    return `the guest’s kernel or Node could not be fetched: ${String(cause).slice(0, 400)}`;
  }
}

async function fetchOnce(): Promise<void> {
  const version = process.version.slice(1);
  const done = join(cache, 'done');
  if (existsSync(done) && readFileSync(done, 'utf8').trim() === version) return;
  const fetch = join(root, 'test/hardware/gpio/fetch-guest.sh');
  await promisify(execFile)(fetch, [cache, version], { maxBuffer: 16 * 1024 * 1024 });
}

const onPath = (name: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));

/** Packs the project's driver and addon into `folder`, for a guest that `withoutGuest` has made possible. */
export function guestFiles(folder: string): GuestFiles {
  const tree = join(folder, 'tree');
  for (const source of SOURCES) {
    mkdirSync(dirname(join(tree, 'app', source)), { recursive: true });
    cpSync(join(root, source), join(tree, 'app', source), { recursive: true });
  }
  cpSync(join(root, 'test/hardware/gpio/guest-init.sh'), join(tree, 'init'));
  buildAddon(join(tree, 'app/.cache/native/linux-arm64/watchpost.node'));
  return { kernel: join(cache, 'vmlinuz'), initrd: packed(tree, join(folder, 'initrd')) };
}

function buildAddon(out: string): void {
  const [headers = ''] = globSync('.tools/node_modules/node/node_modules/node-linux-*/include/node', {
    cwd: root,
  });
  execFileSync(join(root, 'native/build.sh'), [COMPILER, join(root, headers), out], { stdio: 'pipe' });
}

/** The kernel unpacks one archive after the other: the large part is packed once, the project's each time. */
function packed(tree: string, out: string): string {
  const names = execFileSync('find', ['.'], { cwd: tree });
  const own = execFileSync('cpio', ['--quiet', '-o', '-H', 'newc', '-R', '0:0'], {
    cwd: tree,
    input: names,
    maxBuffer: 64 * 1024 * 1024,
  });
  writeFileSync(out, Buffer.concat([readFileSync(join(cache, 'base.cpio.gz')), gzipSync(own, { level: 1 })]));
  return out;
}
