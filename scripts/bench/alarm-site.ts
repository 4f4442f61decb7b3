import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import type { Child } from '../site/child.ts';
import { brokerChild } from '../site/demo-site.ts';
import { lastCommitBytes } from './wal-commit.ts';

/** The real broker in a process of its own, as scripts/up starts it but on any free ports, and its HTTP API. */
export class AlarmSite {
  readonly #dir: string;
  readonly #broker: Child;
  #http = '';

  constructor(dir: string) {
    this.#dir = dir;
    this.#broker = brokerChild({ dataDir: dir, mqttPort: 0, httpPort: 0 });
  }

  /** Answers the address for devices. */
  async start(): Promise<string> {
    const { mqtt, http } = await this.#broker.start(() => undefined);
    this.#http = String(http);
    return String(mqtt);
  }

  close(): Promise<void> {
    return this.#broker.stop();
  }

  get pid(): number {
    return this.#broker.pid ?? 0;
  }

  /** What its newest commit wrote, in bytes. */
  commitBytes(): number {
    return lastCommitBytes(join(this.#dir, 'broker', 'site.db-wal'));
  }

  /** Ends what was opened by a press, so that the next one opens an incident again. */
  async resolveOpen(): Promise<void> {
    for (const { id } of await this.items('incidents?state=open')) {
      await this.ask('POST', `incidents/${id}/resolve`, { cause: 'test' });
    }
  }

  /** How many presses the ledger holds (at most 1000 are counted), and the size of the newest envelope. */
  async presses(): Promise<{ count: number; bytes: number }> {
    const items = await this.items('events?type=wp.panic.pressed.v1&limit=1000');
    const { receivedAt: _at, row: _row, happenedAt: _then, ...envelope } = items[0] ?? { id: '' };
    return { count: items.length, bytes: Buffer.byteLength(JSON.stringify(envelope)) };
  }

  /** What a list of the API holds. */
  async items(path: string): Promise<({ readonly id: string } & Record<string, unknown>)[]> {
    return Object(await this.ask('GET', path)).items;
  }

  /** One request to the HTTP API. @throws WatchpostError WP5025 with its answer when it is refused */
  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const token = readFileSync(join(this.#dir, 'broker', 'admin.token'), 'utf8').trim();
    const response = await fetch(`${this.#http}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    throw new WatchpostError('WP5025', { detail: `${method} ${path}: ${JSON.stringify(answer)}` });
  }
}
