import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What tap's `t` gives to settings. */
interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

const MAIN = fileURLToPath(new URL('../../broker/main.ts', import.meta.url));

export interface RunningBroker {
  readonly child: ChildProcess;
  readonly http: string;
  readonly mqtt: string;
  /** Empty without `--mqtts`. */
  readonly mqtts: string;
  readonly token: string;
  /** All of standard error so far. */
  log(): string;
  /** Asks it to stop and answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Starts `broker/main.ts` as a process on free ports of loopback, and waits until it says it is ready. */
export async function startBroker(
  t: Teardown,
  dataDir: string,
  args: readonly string[] = ['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev'],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningBroker> {
  const child = spawn(process.execPath, [MAIN, '--data', dataDir, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => end(child, signal);
  t.teardown(async () => void (await stop('SIGKILL')));
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const { http, mqtt, mqtts } = await readyLine(child, () => log);
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  return { child, http, mqtt, mqtts, token, log: () => log, stop };
}

/** Runs it to its end: for command lines that are wrong, and starts that fail. */
export async function runBroker(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    texts.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    texts.error += chunk.toString();
  });
  await once(child, 'close');
  return { code: child.exitCode, ...texts };
}

async function readyLine(
  child: ChildProcess,
  log: () => string,
): Promise<Pick<RunningBroker, 'http' | 'mqtt' | 'mqtts'>> {
  if (child.stdout === null) throw new RangeError('no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const { ready, http, mqtt, mqtts } = JSON.parse(line);
    if (ready === true) return { http, mqtt, mqtts: mqtts ?? '' };
  }
  throw new RangeError(`the broker ended before it was ready:\n${log()}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  await once(child, 'exit');
  return child.exitCode;
}
