import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { ROOT } from '../site/demo-site.ts';
import { Builder } from './builder.ts';
import { checkStatics } from './check-contents.ts';
import { checkRun } from './check-run.ts';
import { Findings } from './findings.ts';
import { Namespace, QEMU } from './namespace.ts';
import { run } from './run.ts';
import { standIns } from './stand-in.ts';

const USAGE = `Usage: scripts/image-check [--keep FILE]

  Builds Dockerfile.arm64 without a Docker daemon, on a base made of Debian and Node as their own archives have them,
  and starts the agent in it, emulated, until a broker on this machine has seen a press. Prints a line for each thing
  that must hold; exit code 1 when one does not.

  --keep FILE   also leave the image there, as an OCI archive (podman load -i FILE)

  Needs root, a kernel that lets a namespace run programs of other machines (6.7), the Debian packages buildah, runc,
  qemu-user-static and mmdebstrap (brought by set-up), the Debian mirror and the npm registry, and 4 GB under the
  folder for temporary files. It takes about 5 minutes, the first time 10.
`;

const TAG = 'localhost/watchpost-agent';
const PROGRAMS = ['unshare', 'nsenter', 'buildah', 'runc', 'mmdebstrap', 'tar', 'npm'];
const NEEDED_BYTES = 4e9;
const BUILD_LIMIT_MS = 1_800_000;
/** As the base image has it: ARG NODE_IMAGE=…/node:24.21.0-bookworm-slim */
const BASE_TAG = /^ARG NODE_IMAGE=\S+\/node:(\d+\.\d+\.\d+)-(\w+)-slim$/m;

async function main(args: readonly string[]): Promise<number> {
  const values = optionsOf(args);
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  requireMachine();
  const dir = mkdtempSync(join(tmpdir(), 'wp-image-'));
  const namespace = new Namespace();
  const end = async () => {
    await namespace.close();
    rmSync(dir, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void end().then(() => process.exit(1)));
  try {
    return await check({ dir, namespace, keep: values.keep });
  } finally {
    await end();
  }
}

/** @throws WatchpostError WP5024 for what is no option */
function optionsOf(args: readonly string[]) {
  try {
    const options = { help: { type: 'boolean', short: 'h' }, keep: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new WatchpostError('WP5024', { detail, hint: USAGE, cause });
  }
}

interface Place {
  readonly dir: string;
  readonly namespace: Namespace;
  readonly keep: string | undefined;
}

async function check({ dir, namespace, keep }: Place): Promise<number> {
  const began = systemClock.monoMs();
  const say = (line: string) =>
    process.stderr.write(`[${((systemClock.monoMs() - began) / 1000).toFixed(0)} s] ${line}\n`);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  await namespace.start();
  const builder = new Builder(namespace, join(dir, 'images'));
  builder.start();
  const [, nodeVersion = '', suite = ''] =
    BASE_TAG.exec(readFileSync(join(ROOT, 'Dockerfile.arm64'), 'utf8')) ?? [];
  const cacheDir = join(ROOT, '.cache/image');
  const { base, build } = await standIns({ namespace, builder, cacheDir, nodeVersion, suite, say });
  say('building Dockerfile.arm64');
  await builder.build({
    ...{ contextDir: ROOT, file: join(ROOT, 'Dockerfile.arm64'), tag: TAG, limitMs: BUILD_LIMIT_MS },
    buildArgs: { NODE_IMAGE: base, BUILD_IMAGE: build, BUILDPLATFORM: 'linux/amd64' },
    shown: await shownFiles(dir),
  });
  say('looking at what is in it');
  const findings = new Findings(print);
  const image = { builder, namespace, tag: TAG, dir, findings, print };
  const { rootDir, config } = await checkStatics(image);
  say('starting it');
  await checkRun({ ...image, rootDir, config });
  if (keep !== undefined) await builder.ask(['push', '--quiet', TAG, `oci-archive:${keep}:watchpost-agent`]);
  const { count, failed } = findings;
  print(`${count - failed.length} of ${count} hold`);
  return failed.length === 0 ? 0 : 1;
}

/** A network that looks into TLS has its own certificates, and npm may be told to use them. */
async function shownFiles(dir: string): Promise<Record<string, string>> {
  const limits = { clock: systemClock, limitMs: 30_000, cwd: dir };
  const setting = async (name: string) => (await run(['npm', 'config', 'get', name], limits)).trim();
  const registry = await setting('registry');
  const known = [await setting('cafile'), process.env.NODE_EXTRA_CA_CERTS ?? ''];
  const certificates = known.find((file) => file.startsWith('/') && existsSync(file));
  const bundle = '/etc/ssl/certs/ca-certificates.crt';
  const npmrc = join(dir, 'npmrc');
  writeFileSync(
    npmrc,
    [`registry=${registry}`, ...(certificates === undefined ? [] : [`cafile=${bundle}`]), ''].join('\n'),
  );
  return { '/usr/local/etc/npmrc': npmrc, ...(certificates === undefined ? {} : { [bundle]: certificates }) };
}

/** @throws WatchpostError WP5063 naming what is missing */
function requireMachine(): void {
  if (process.getuid?.() !== 0)
    throw new WatchpostError('WP5063', {
      detail: 'only root may give a namespace all user ids',
      hint: 'Run it by sudo.',
    });
  if (process.arch !== 'x64')
    throw new WatchpostError('WP5063', {
      detail: `it builds on amd64 alone, not on ${process.arch}`,
      hint: 'On a machine of arm64, build the image by Docker or Podman and start it: nothing is emulated there.',
    });
  const missing = PROGRAMS.filter((name) => !isOnPath(name));
  if (!existsSync(QEMU)) missing.push('qemu-user-static');
  if (missing.length > 0) throw new WatchpostError('WP5063', { detail: `missing: ${missing.join(', ')}` });
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < NEEDED_BYTES)
    throw new WatchpostError('WP5063', {
      detail: `${tmpdir()} has less than ${NEEDED_BYTES / 1e9} GB free`,
      hint: 'Make room, or name another folder in TMPDIR.',
    });
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return true;
    } catch {
      return false; // Not in this folder.
    }
  });
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    process.stderr.write(`${error.message}\n  → ${error.hint}\n`);
    process.exitCode = error.code === 'WP5024' ? 2 : 1;
  }
}
