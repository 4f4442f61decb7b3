import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { systemClock, wait } from '#contract/clock.ts';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { BundlePlan } from '#scripts/bundle/make.ts';
import type { RootChain } from '#scripts/bundle/root-chain.ts';
import { newestOf } from '#scripts/bundle/root-chain.ts';
import { flashCommand } from '#scripts/commands/flash.ts';
import { openSource, type SourceBundle } from '#scripts/flash/source-bundle.ts';
import type { Target } from '#scripts/flash/target.ts';
import { bundleOf, DAY_MS, firstChain, newKeys, type SiteKeys } from '#test/contract/bundle/kit.ts';

const CLI = join(import.meta.dirname, '../../../scripts/cli.ts');
const LIMIT_MS = 180_000;

/** Why no FAT can be made here, or false. */
export const NO_FAT: string | false =
  spawnSync('mkfs.vfat', ['--help']).error === undefined &&
  spawnSync('mtools', ['--version']).error === undefined
    ? false
    : 'mtools and dosfstools are not installed';

export interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

export function folder(t: Teardown): string {
  const dir = mkdtempSync(join(tmpdir(), 'watchpost-flash-test-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A site's keys, and bundles signed by them. */
export class TestBundles {
  readonly dir: string;
  readonly chain: RootChain;
  readonly #keys: SiteKeys = newKeys();

  constructor(dir: string) {
    this.dir = dir;
    this.chain = firstChain(this.#keys, Date.now() + 1826 * DAY_MS);
  }

  /** Random content of so many bytes beside a profile. */
  file(
    name: string,
    generation: number,
    bytes: number,
    more: Partial<BundlePlan> & { board?: Buffer } = {},
  ): string {
    const { board, ...plan } = more;
    const content = new Map<string, Uint8Array>([
      ['profile.json', Buffer.from(`{"profileVersion":1,"generation":${generation}}`)],
      ['voice/en/alarm.sent.wav', noise(bytes, generation)],
      ...(board === undefined ? [] : [['boards/post.hex', board] as const]),
    ]);
    const { targets } = this.#keys;
    const expiresMs = Date.now() + 365 * DAY_MS;
    const made = { chain: this.chain, signers: [targets[0], targets[1]], content };
    const file = join(this.dir, name);
    writeFileSync(file, bundleOf({ ...made, plan: { generation, expiresMs, ...plan } }));
    return file;
  }

  async source(
    name: string,
    generation: number,
    bytes: number,
    more: Partial<BundlePlan> = {},
  ): Promise<SourceBundle> {
    return openSource(this.file(name, generation, bytes, more), null);
  }

  /** A device's folder as `provision` leaves it, with empty slots that trust these keys. */
  async card(name: string, device = 'pillar-001'): Promise<string> {
    const dir = join(this.dir, name);
    mkdirSync(join(dir, CARD.slots), { recursive: true });
    const facts = { format: 1, site: 'mall', device, brokers: ['mqtt://127.0.0.1:1883'] };
    writeFileSync(join(dir, CARD.facts), JSON.stringify({ ...facts, madeAt: new Date().toISOString() }));
    await storeOf(dir).make(newestOf(this.chain));
    return dir;
  }
}

export const storeOf = (card: string): SlotStore => new SlotStore(new FileDisk(join(card, CARD.slots)));

/** The same for the same seed, and not to be compressed. */
function noise(bytes: number, seed: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** An image with a FAT that fills it. */
export function fatImage(dir: string, name: string, megabytes: number, ...options: string[]): string {
  const path = join(dir, name);
  writeFileSync(path, Buffer.alloc(megabytes * 1024 * 1024));
  run('mkfs.vfat', ...options, path);
  return path;
}

export function run(program: string, ...args: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(program, args, {
    maxBuffer: 256 * 1024 * 1024,
    timeout: LIMIT_MS,
  });
  if (status !== 0) throw new RangeError(`${program} ${args.join(' ')}: ${status} ${stderr}`);
  return stdout;
}

/** A file of the FAT in an image. */
export const inImage = (image: string, name: string, offset = 0): Buffer =>
  run('mtype', '-i', `${image}@@${offset}`, `::${name}`);

export const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Flashes without asking, as the command does. */
export async function flash(target: Target): Promise<void> {
  try {
    await target.open();
    const { steps } = await target.look();
    if (steps.length > 0) await target.write(() => undefined);
    await target.readBack();
  } finally {
    await target.close();
  }
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command in this process, without a terminal. What it starts has `env` besides. */
export async function watchpost(
  [name, ...args]: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(out), text(err)]);
  const before = Object.fromEntries(Object.keys(env).map((key) => [key, process.env[key]]));
  Object.assign(process.env, env);
  try {
    const code = await codeOf(flashCommand({ input: new PassThrough(), out, err }), args, err);
    out.end();
    err.end();
    const [said, complained] = await texts;
    return { code: name === 'flash' ? code : null, out: said, err: complained };
  } finally {
    for (const [key, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
  }
}

async function codeOf(command: Command, args: readonly string[], err: Writable): Promise<number> {
  try {
    await command.exitOverride().parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    err.write(`${error.message}\n  → ${error.hint}\n`);
    return error.code === 'WP5024' ? 2 : 1;
  }
}

/** The command as a technician runs it, without a terminal. */
export async function watchpostProcess(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  // A group of its own, so that all of it can be killed.
  const child = spawn(process.execPath, [CLI, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: LIMIT_MS,
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}

/** Starts the command, and kills it and all that it has started so much later. */
export async function killedProcess(
  args: readonly string[],
  afterMs: number,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(process.execPath, [CLI, ...args], {
    ...{ detached: true, stdio: 'ignore', env: { ...process.env, ...env } },
  });
  const { pid } = child;
  if (pid === undefined) throw new RangeError('it was not started');
  const ended = once(child, 'exit');
  await Promise.race([wait(systemClock, afterMs), ended]);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It was done before.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
  await ended;
}
