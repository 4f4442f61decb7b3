import { benchDrain } from './broker-drain.ts';
import { benchIdle } from './broker-idle.ts';
import { benchIngest } from './broker-ingest.ts';
import { benchIsolation } from './broker-isolation.ts';
import { benchKill } from './broker-kill.ts';
import { benchLoop } from './broker-loop.ts';
import { benchPuback } from './broker-puback.ts';

/** How large each row is; the tests make them tiny. */
export interface BrokerSizes {
  /** Share of the sizes that figures are taken with: 1 is all. */
  readonly scale: number;
}

interface Row {
  readonly about: string;
  measure(sizes: BrokerSizes): Promise<object>;
}

const scaled =
  ({ scale }: BrokerSizes) =>
  (full: number, least: number): number =>
    Math.max(least, Math.round(full * scale));

/** Each one alone is a bench; together they are the broker's table in docs/benchmarks.md. */
const ROWS = {
  ingest: {
    about: 'QoS 1 messages per CPU-second, 50 publishers, window 20, beside aedes in memory and mosquitto',
    measure: (sizes) => {
      const size = scaled(sizes);
      return benchIngest({ messages: size(60_000, 1000), rounds: size(5, 1) });
    },
  },
  puback: {
    about: 'one message at a time until PUBACK, beside one sync of its commit and aedes from memory',
    measure: (sizes) => {
      const size = scaled(sizes);
      return benchPuback({ messages: size(2000, 20), warmUp: size(500, 51) });
    },
  },
  drain: {
    about: '100,000 messages of 512 bytes queued for a session that is away, then drained',
    measure: (sizes) => {
      const size = scaled(sizes);
      return benchDrain({ messages: size(100_000, 1000), warmUp: size(5000, 200) });
    },
  },
  kill: {
    about: 'kill -9 under load: acknowledged, then lost, beside mosquitto with its persistence on',
    measure: (sizes) => benchKill({ rounds: scaled(sizes)(10, 1) }),
  },
  idle: {
    about: '5,000 connected devices that say nothing but PINGREQ every 30 s: processor time and memory',
    measure: (sizes) => {
      const size = scaled(sizes);
      return benchIdle({ connections: size(5000, 50), measuredS: size(60, 1) });
    },
  },
  loop: {
    about: 'how late the event loop runs while 5,000 messages a second are taken in',
    measure: (sizes) => benchLoop({ seconds: scaled(sizes)(20, 1) }),
  },
  isolation: {
    about:
      'delay of everybody else’s messages beside a stalled, a slow and a flooding client, against a calm run',
    measure: (sizes) => {
      const size = scaled(sizes);
      return benchIsolation({ rounds: size(4, 1), secondsEach: size(5, 1) });
    },
  },
} as const satisfies Record<string, Row>;

export type BrokerRow = keyof typeof ROWS;
export const BROKER_ROWS: readonly BrokerRow[] = namesOf(ROWS);

/** Figures of the rows asked for, one after another. */
export async function benchBroker(rows: readonly BrokerRow[], sizes: BrokerSizes): Promise<object> {
  const figures: Record<string, object> = {};
  for (const row of rows) figures[row] = await ROWS[row].measure(sizes);
  return figures;
}

export const aboutBrokerRows = (): string =>
  BROKER_ROWS.map((row) => `  ${row.padEnd(10)} ${ROWS[row].about}`).join('\n');

export const isBrokerRow = (name: string): name is BrokerRow => Object.hasOwn(ROWS, name);

function namesOf<T extends string>(rows: Readonly<Record<T, unknown>>): T[] {
  const names: T[] = [];
  for (const name in rows) names.push(name);
  return names;
}
