import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import mqtt from 'mqtt';
import type { Test } from 'tap';
import { systemClock, wait } from '#contract/clock.ts';
import { type RunningBroker, startBroker } from '#test/support/broker-process.ts';
import { seeded } from '#test/support/random.ts';
import { AWAY, connect, load, newPromised, type Promised, serviceConfig } from './load.ts';
import { LossyDisk, type Random, type Survival } from './lossy-disk.ts';

export interface CampaignPlan {
  readonly cuts: number;
  readonly seed: number;
  readonly durability: 'full' | 'normal';
  /** What the disk does besides, from round 0 on. */
  readonly prepare?: (disk: LossyDisk, round: number) => void;
  /** By turns; both unless said otherwise. */
  readonly survivals?: readonly Survival[];
}

/** What the power cuts have cost, of what was promised; and what there was. */
export interface CampaignReport {
  readonly cuts: number;
  readonly promised: Counts;
  readonly lost: Counts;
  /** How long before the cut the first of the lost messages was promised, at most. */
  readonly lostMs: number;
  /** Delivered more often than QoS 2 allows. */
  readonly doubled: number;
  readonly outOfOrder: number;
  /** What `integrity_check` said, where it was not "ok". */
  readonly damage: readonly string[];
}

interface Counts {
  readonly once: number;
  readonly exactly: number;
  readonly retained: number;
  readonly alarms: number;
  readonly receipted: number;
}

/** Load lasts so long before the cut: at least, and what chance adds. */
const LOAD_MS = { least: 150, more: 900 };
const END = 'the end';
/** Retained messages that have not come by then are gone. */
const MOST_MS = 3000;

/** A broker under load whose power is cut again and again; each start finds what the cut before has left. */
export class Campaign {
  readonly #t: Test;
  readonly #plan: CampaignPlan;
  readonly #disk: LossyDisk;
  readonly #random: Random;
  readonly #promised: Promised = newPromised();
  readonly #received = { once: [] as string[], exactly: [] as string[] };
  readonly #damage: string[] = [];
  readonly #cutAtMs: number[] = [];

  constructor(t: Test, plan: CampaignPlan) {
    this.#t = t;
    this.#plan = plan;
    this.#disk = LossyDisk.make(t);
    this.#random = seeded(plan.seed);
  }

  async run(): Promise<CampaignReport> {
    for (let round = 0; round <= this.#plan.cuts; round += 1) {
      const broker = await this.#start(round);
      if (round === 0) await this.#leaveSessions(broker.mqtt);
      else {
        await this.#collect(broker.mqtt);
        // Where a cut took the sessions themselves, what comes next is to find some.
        await this.#leaveSessions(broker.mqtt);
      }
      if (round === this.#plan.cuts) return this.#report(broker);
      await this.#loadAndCut(broker, round);
    }
    throw new TypeError('no round');
  }

  async #start(round: number): Promise<RunningBroker> {
    const config = join(this.#disk.dir, '..', 'site.yaml');
    writeFileSync(config, `durability: ${this.#plan.durability}\n${serviceConfig()}`);
    this.#disk.powerOn();
    this.#plan.prepare?.(this.#disk, round);
    const listen = ['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev', '--config', config];
    return startBroker(this.#t, this.#disk.dir, listen, this.#disk.env);
  }

  async #leaveSessions(url: string): Promise<void> {
    for (const [kind, clientId] of Object.entries(AWAY)) {
      const client = await connect(url, clientId, 'kept');
      await client.subscribeAsync(`load/${kind}/#`, { qos: kind === 'once' ? 1 : 2 });
      await client.endAsync();
    }
  }

  async #loadAndCut(broker: RunningBroker, round: number): Promise<void> {
    const loading = await load(broker.mqtt, round, this.#promised);
    await wait(systemClock, LOAD_MS.least + this.#random(LOAD_MS.more));
    const dead = once(broker.child, 'exit');
    this.#cutAtMs[round] = systemClock.monoMs();
    broker.child.kill('SIGKILL');
    await dead;
    await loading.over;
    const { survivals = ['synced', 'torn'] } = this.#plan;
    this.#disk.cut(survivals[round % survivals.length] ?? 'synced', this.#random);
    const file = new Sqlite(join(this.#disk.dir, 'site.db'), { readonly: true });
    const found = file.pragma('integrity_check', { simple: true });
    file.close();
    if (found !== 'ok') this.#damage.push(String(found));
  }

  /** Each session comes for what waits, up to a message that is published behind it all. */
  async #collect(url: string): Promise<void> {
    const publisher = await connect(url, 'svc.load-1', 'clean');
    for (const kind of ['once', 'exactly'] as const) {
      const client = await connectLate(
        url,
        AWAY[kind],
        (text) => this.#received[kind].push(text),
        async () => {
          await publisher.publishAsync(`load/${kind}/0`, END, { qos: kind === 'once' ? 1 : 2 });
        },
      );
      await client.endAsync();
    }
    await publisher.endAsync();
  }

  async #report(broker: RunningBroker): Promise<CampaignReport> {
    const retained = await this.#retainedLost(broker.mqtt);
    await broker.stop();
    const file = new Sqlite(join(this.#disk.dir, 'site.db'), { readonly: true });
    const ledger = new Set(file.prepare<[], string>('SELECT id FROM ledger_event').pluck().all());
    file.close();
    const { once: kept, exactly, alarms, receipted, retained: slots } = this.#promised;
    const lostOnce = missing(kept.keys(), this.#received.once);
    const exactlyReceived = this.#received.exactly;
    const lostExactly = missing(exactly.keys(), exactlyReceived);
    return {
      cuts: this.#plan.cuts,
      promised: {
        ...{ once: kept.size, exactly: exactly.size, retained: slots.size },
        ...{ alarms: alarms.size, receipted: receipted.size },
      },
      lost: {
        ...{ once: lostOnce.length, exactly: lostExactly.length, retained },
        alarms: missing(alarms, ledger).length,
        receipted: missing(receipted, ledger).length,
      },
      lostMs: Math.round(
        Math.max(0, ...lostOnce.map((text) => (this.#cutAtMs[roundOf(text)] ?? 0) - (kept.get(text) ?? 0))),
      ),
      doubled: exactlyReceived.length - new Set(exactlyReceived).size,
      outOfOrder: disorder(this.#received.once) + disorder(exactlyReceived),
      damage: this.#damage,
    };
  }

  /** Topics whose retained message is older than the last one that was confirmed. */
  async #retainedLost(url: string): Promise<number> {
    const there = new Map<string, string>();
    const client = await connect(url, 'svc.load-r', 'clean');
    const all = new Promise<void>((resolve) => {
      client.on('message', (topic, payload) => {
        there.set(topic, payload.toString());
        if (there.size === this.#promised.retained.size) resolve();
      });
    });
    await client.subscribeAsync('load/kept/#', { qos: 1 });
    await Promise.race([all, wait(systemClock, MOST_MS)]);
    await client.endAsync();
    const isLost = ([topic, { sent }]: [string, { sent: Set<string> }]) => !sent.has(there.get(topic) ?? '');
    return [...this.#promised.retained].filter(isLost).length;
  }
}

/** Connects a session that is kept and reads until END, or finds that the site has forgotten the session. */
async function connectLate(
  url: string,
  clientId: string,
  onText: (text: string) => void,
  publishEnd: () => Promise<void>,
) {
  await publishEnd();
  const client = mqtt.connect(url, { clientId, clean: false, reconnectPeriod: 0 });
  client.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', ({ sessionPresent }) => {
      if (!sessionPresent) resolve();
    });
    client.on('message', (_topic, payload) => {
      const text = payload.toString();
      if (text === END) resolve();
      else onText(text);
    });
    client.once('close', () => reject(new TypeError(`${clientId} was cut off`)));
  });
  client.removeAllListeners('close');
  return client;
}

function missing(promised: Iterable<string>, received: Iterable<string>): string[] {
  const there = new Set(received);
  return [...promised].filter((text) => !there.has(text));
}

const roundOf = (text: string): number => Number(/^\d+/.exec(text)?.[0]);

/** Texts `round-n …` of one topic that come behind a later one for the first time. */
function disorder(texts: readonly string[]): number {
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  let wrong = 0;
  for (const text of texts) {
    if (seen.has(text)) continue;
    seen.add(text);
    const [, round = '', digits = '0'] = /^(\d+)-(\d+) /.exec(text) ?? [];
    const n = Number(digits);
    const key = `${round} ${n % 2}`;
    if (n < (newest.get(key) ?? 0)) wrong += 1;
    newest.set(key, Math.max(n, newest.get(key) ?? 0));
  }
  return wrong;
}
