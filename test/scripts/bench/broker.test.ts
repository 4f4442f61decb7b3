import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import * as z from 'zod';
import { ROOT } from '#scripts/site/demo-site.ts';

t.setTimeout(175_000);

const Positive = z.number().positive();
const Spread = z.object({ p50: Positive, p99: Positive });
const withMosquitto =
  spawnSync('mosquitto', ['-h']).error === undefined ||
  spawnSync('/usr/sbin/mosquitto', ['-h']).error === undefined;

async function bench(...args: string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/cli.ts'), 'bench', 'broker', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, error] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, out, error };
}

async function row<T extends z.ZodType>(name: string, schema: T, scale: string): Promise<z.infer<T>> {
  const { code, out, error } = await bench(name, '--scale', scale, '--json');
  t.equal(code, 0, error);
  return schema.parse(JSON.parse(out)[name]);
}

t.test('ingest compares what brokers keep for a session that is away', async (t) => {
  const rate = z.object({ perSecond: Positive, perCpuSecond: Positive });
  const schema = z.object({ brokers: z.record(z.string(), rate), ratio: Positive, generatorShare: Positive });
  const { brokers } = await row('ingest', schema, '0.05');
  t.strictSame(Object.keys(brokers), ['watchpost', 'aedes', ...(withMosquitto ? ['mosquitto'] : [])]);
});

t.test('puback compares one message with a sync of its commit and aedes from memory', async (t) => {
  const schema = z.object({
    ownMs: Spread,
    floorMs: Spread,
    syncMs: Spread,
    syncBytes: z.number(),
    ratio: Spread,
  });
  const { syncBytes } = await row('puback', schema, '0.01');
  t.ok(syncBytes >= 4096 + 24, 'a commit writes at least a page');
});

t.test('drain delivers everything in order and says what it took', async (t) => {
  const figures = z.object({
    drainS: Positive,
    got: z.number(),
    inOrder: z.boolean(),
    queueGrowthMiB: z.number(),
  });
  const schema = z.object({ messages: z.number(), brokers: z.record(z.string(), figures), ratio: Positive });
  const { messages, brokers } = await row('drain', schema, '0.01');
  t.equal(brokers.watchpost?.got, messages);
  t.equal(brokers.watchpost?.inOrder, true);
});

t.test('kill shows what was acknowledged and then lost', async (t) => {
  const figures = z.object({ acknowledged: Positive, lost: z.number() });
  const schema = z.object({ brokers: z.record(z.string(), figures), skipped: z.string().optional() });
  const { brokers, skipped } = await row('kill', schema, '0.1');
  t.equal(brokers.watchpost?.lost, 0);
  t.equal(skipped === undefined, withMosquitto, 'without mosquitto it says how to get it');
});

t.test('idle and loop look at a broker from outside and from inside', async (t) => {
  const idle = z.object({
    kibPerConnection: z.number(),
    cpuShareOfCore: z.number(),
    connections: z.number(),
  });
  t.equal((await row('idle', idle, '0.01')).connections, 50);
  const delays = z.object({ p50: z.number(), p99: z.number(), max: z.number() });
  const { acknowledged } = await row('loop', z.object({ delayMs: delays, acknowledged: Positive }), '0.05');
  t.ok(acknowledged > 100);
});

t.test('isolation compares everybody else’s delay with a calm run, and misses no message', async (t) => {
  const beside = z.record(z.string(), z.object({ calmMs: Spread, disturbedMs: Spread, missing: z.number() }));
  const { beside: found } = await row('isolation', z.object({ beside, ratio: Positive }), '0.2');
  t.equal(Object.keys(found).length, 3);
  for (const [name, { missing }] of Object.entries(found)) t.equal(missing, 0, name);
});

t.test('a row that is none is wrong use', async (t) => {
  const { code, error } = await bench('speed');
  t.equal(code, 2);
  t.match(error, /ingest, puback/);
});
