import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import mqtt from 'mqtt';
import { type MonoMs, systemClock } from '#contract/clock.ts';
import { Pillar } from '#test/broker/support/pillar.ts';
import { startBroker } from '#test/support/broker-process.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { Fuzzer } from './fuzzer.ts';

interface Teardown {
  teardown(handler: () => void | Promise<void>): void;
}

export interface Figures {
  readonly rounds: number;
  readonly megabytes: number;
  /** Events of the healthy device that were confirmed and receipted meanwhile. */
  readonly receipted: number;
  readonly findings: readonly string[];
  /** Lowest live heap and median resident memory of the broker in each tenth of the time, in MiB. */
  readonly heapMiB: readonly number[];
  readonly residentMiB: readonly number[];
  /** Lines of the broker's log that tell of a step that threw. */
  readonly thrown: readonly string[];
  readonly exitCode: number | null;
  readonly integrity: unknown;
  /** Rows of the healthy device in the ledger. */
  readonly inLedger: number;
  readonly refusals: string;
}

/** Faster than an attacker may be, so that time is spent on what is said and not on waiting. */
const CONFIG = `limits:
  connections: { connectsPerSecond: 100000, connectBurst: 100000, messagesPerSecond: 100000, messageBurst: 100000 }
`;
const HEALTHY = { site: 'north', device: 'pillar-1' };

/** Attackers against a broker process, each seed a connection, with a healthy device beside them. */
export async function campaign(
  t: Teardown,
  seeds: Iterator<number>,
  forMs: number,
  attackers: number,
): Promise<Figures> {
  const dataDir = temporaryFolder(t);
  const config = join(dataDir, 'site.yaml');
  writeFileSync(config, CONFIG);
  const args = ['--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', '--dev', '--config', config];
  const broker = await startBroker(t, dataDir, args);
  const port = Number(new URL(broker.mqtt).port);
  const healthy = await healthyDevice(t, broker.mqtt);
  const startedMs = systemClock.monoMs();
  const isOver = () => systemClock.monoMs() - startedMs >= forMs || broker.child.exitCode !== null;
  const fuzzers = Array.from({ length: attackers }, (_, index) => new Fuzzer(port, `d${index}`));
  const memory = new MemoryTenths(startedMs, forMs);
  let receipted = 0;
  const keepHealthy = async () => {
    while (!isOver()) {
      await healthy.raise('wp.sensor.crossed.v1', CROSSED);
      receipted += 1;
      await healthy.received('receipt', ({ lane, upTo }) => lane === 'event' && Number(upTo) >= receipted);
      memory.note(await metricsOf(broker.http));
      await new Promise((resolve) => setTimeout(resolve, Math.min(250, forMs / 60)));
    }
  };
  const attack = async (fuzzer: Fuzzer) => {
    for (let seed = seeds.next(); !isOver() && seed.done !== true; seed = seeds.next())
      await fuzzer.round(seed.value);
  };
  await Promise.all([keepHealthy(), ...fuzzers.map(attack)]);
  const last = await metricsOf(broker.http);
  await healthy.client.endAsync();
  const exitCode = await broker.stop();
  return {
    rounds: sum(fuzzers.map(({ rounds }) => rounds)),
    megabytes: Math.round(sum(fuzzers.map(({ bytes }) => bytes)) / 1e6),
    ...{ receipted, exitCode, ...memory.figures },
    findings: fuzzers.flatMap(({ findings }) => findings),
    thrown: broker
      .log()
      .split('\n')
      .filter((line) => /WP3104|WP3009|not-stored|listener-failed|"uncaught/.test(line)),
    ...ledgerOf(join(dataDir, 'site.db')),
    refusals: last
      .split('\n')
      .filter((line) => line.startsWith('watchpost_mqtt_refused_total'))
      .join('\n'),
  };
}

const CROSSED = { sensor: 'water', value: 3, unit: 'cm', threshold: 2, direction: 'above' };

async function healthyDevice(t: Teardown, url: string): Promise<Pillar> {
  const client = await mqtt.connectAsync(url, {
    clientId: `${HEALTHY.site}.${HEALTHY.device}`,
    reconnectPeriod: 0,
  });
  t.teardown(() => void client.end(true));
  const pillar = new Pillar(client, HEALTHY);
  await client.subscribeAsync(`wp/1/${HEALTHY.site}/${HEALTHY.device}/down/#`, { qos: 1 });
  return pillar;
}

async function metricsOf(http: string): Promise<string> {
  return (await fetch(`${http}/metrics`)).text();
}

const TENTHS = 10;

/** Of the heap the lowest is what lives: garbage waits above it to be collected. */
class MemoryTenths {
  readonly #startedMs: MonoMs;
  readonly #forMs: number;
  readonly #heap: number[][] = Array.from({ length: TENTHS }, () => []);
  readonly #resident: number[][] = Array.from({ length: TENTHS }, () => []);

  constructor(startedMs: MonoMs, forMs: number) {
    this.#startedMs = startedMs;
    this.#forMs = forMs;
  }

  note(metrics: string): void {
    const share = (systemClock.monoMs() - this.#startedMs) / this.#forMs;
    const tenth = Math.min(TENTHS - 1, Math.floor(share * TENTHS));
    this.#heap[tenth]?.push(figureOf(metrics, 'nodejs_heap_size_used_bytes'));
    this.#resident[tenth]?.push(figureOf(metrics, 'process_resident_memory_bytes'));
  }

  get figures() {
    const mebibytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
    return {
      heapMiB: this.#heap.map((bytes) => mebibytes(Math.min(...bytes))),
      residentMiB: this.#resident.map((bytes) => mebibytes(median(bytes))),
    };
  }
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;

function figureOf(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN);
}

function ledgerOf(file: string) {
  const db = new Sqlite(file, { readonly: true });
  try {
    const source = `/wp/${HEALTHY.site}/${HEALTHY.device}`;
    const inLedger = Number(
      db
        .prepare('SELECT count(*) FROM ledger_event WHERE source = ? AND seq IS NOT NULL')
        .pluck()
        .get(source),
    );
    return { integrity: db.pragma('integrity_check', { simple: true }), inLedger };
  } finally {
    db.close();
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
