import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../broker/main.ts', import.meta.url));

/** Nothing is to be dropped because it is much: what is lost must be the broker's fault. */
const CONFIG = {
  limits: {
    sessions: { messages: 10_000_000, messagesInAll: 10_000_000 },
    connections: {
      connectsPerSecond: 10_000,
      connectBurst: 10_000,
      messagesPerSecond: 100_000,
      messageBurst: 100_000,
    },
  },
};

/** One life of the broker on the campaign's data; its log goes on in `broker.log` beside them. */
export class CampaignBroker {
  readonly #child: ChildProcess;
  /** Resolves with its MQTT port, or with null when it ended before it was ready. */
  readonly ready: Promise<number | null>;
  readonly ended: Promise<void>;

  constructor(dir: string, args: readonly string[]) {
    const config = join(dir, 'site.json');
    writeFileSync(config, JSON.stringify(CONFIG));
    const log = openSync(join(dir, 'broker.log'), 'a', 0o600);
    const ports = ['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev', '--config', config];
    this.#child = spawn(process.execPath, [MAIN, '--data', join(dir, 'data'), ...ports, ...args], {
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    this.ended = once(this.#child, 'close').then(() => undefined);
    this.ready = readyPort(this.#child);
  }

  /** As a power button does to a process; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

async function readyPort({ stdout }: ChildProcess): Promise<number | null> {
  if (stdout === null) return null;
  for await (const line of createInterface({ input: stdout })) {
    const { ready, mqtt } = JSON.parse(line);
    if (ready === true) return Number(new URL(mqtt).port);
  }
  return null;
}
