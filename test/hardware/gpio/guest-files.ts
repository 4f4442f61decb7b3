import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { withoutFetched } from '../guest/fetch.ts';
import { withoutPrograms } from '../guest/programs.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = join(root, '.cache/guest');
const COMPILER = 'aarch64-linux-gnu-gcc';
const COMPILER_CPP = 'aarch64-linux-gnu-g++';
const PROGRAMS = ['qemu-system-aarch64', COMPILER, COMPILER_CPP, 'cpio', 'apt-get', 'dpkg-deb'];
/** Of the project: what the driver and the watcher import. */
const SOURCES = [
  'package.json',
  'contract/clock.ts',
  'contract/errors.ts',
  'contract/errors',
  'contract/native-addon.ts',
  'agent/ports',
  'agent/core/device-clock.ts',
  'agent/drivers/gpio',
  'test/hardware/gpio/guest-watch.ts',
  'node_modules/zod',
  // onoff, which reads lines through sysfs, and what it needs.
  'node_modules/onoff',
  'node_modules/lodash.debounce',
  'node_modules/epoll/package.json',
  'node_modules/epoll/epoll.js',
  'node_modules/bindings',
  'node_modules/file-uri-to-path',
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
  const missing = withoutPrograms(PROGRAMS);
  if (missing !== false) return missing;
  if (!existsSync(join(root, 'node_modules/epoll/src'))) return 'the optional package epoll is not there';
  return await withoutFetched({
    script: join(root, 'test/hardware/gpio/fetch-guest.sh'),
    folder: cache,
    args: [process.version.slice(1)],
    sources: [join(root, 'test/hardware/guest/packages.sh')],
  });
}

/** Packs the project's driver and addon into `folder`, for a guest that `withoutGuest` has made possible. */
export function guestFiles(folder: string): GuestFiles {
  const tree = join(folder, 'tree');
  for (const source of SOURCES) {
    mkdirSync(dirname(join(tree, 'app', source)), { recursive: true });
    cpSync(join(root, source), join(tree, 'app', source), {
      recursive: true,
      filter: (file) => !isUnused(file),
    });
  }
  cpSync(join(root, 'test/hardware/gpio/guest-init.sh'), join(tree, 'init'));
  buildAddon(join(tree, 'app/.cache/native/linux-arm64/watchpost.node'));
  buildEpoll(join(tree, 'app/node_modules/epoll/build/Release/epoll.node'));
  return { kernel: join(cache, 'vmlinuz'), initrd: packed(tree, join(folder, 'initrd')) };
}

/** Types, sources and old module formats of zod: half of what is packed and unpacked otherwise. */
const isUnused = (file: string): boolean =>
  /\/node_modules\//.test(file) &&
  /(\.d\.c?ts|\.cts|\.cjs|\.md|\/src|\/integration-test|\/examples)$/.test(file);

function buildAddon(out: string): void {
  execFileSync(join(root, 'native/build.sh'), [COMPILER, headers(), out], { stdio: 'pipe' });
}

/** onoff's own addon, for the guest's processor; npm has built it for this one. */
function buildEpoll(out: string): void {
  mkdirSync(dirname(out), { recursive: true });
  const folders = [headers(), join(root, 'node_modules/nan')].map((folder) => `-I${folder}`);
  const source = join(root, 'node_modules/epoll/src/epoll.cc');
  const options = ['-std=gnu++20', '-O1', '-fPIC', '-shared', '-w', '-DNODE_GYP_MODULE_NAME=epoll'];
  execFileSync(COMPILER_CPP, [...options, ...folders, '-o', out, source], { stdio: 'pipe' });
}

function headers(): string {
  const [found = ''] = globSync('.tools/node_modules/node/node_modules/node-linux-*/include/node', {
    cwd: root,
  });
  return join(root, found);
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
