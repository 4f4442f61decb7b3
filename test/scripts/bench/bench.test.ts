import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import * as z from 'zod';
import { ROOT } from '#scripts/site/demo-site.ts';

const Machine = z.object({ cpu: z.string(), cores: z.number(), node: z.string(), kernel: z.string() });
const Spread = z.object({ p50: z.number().positive(), p99: z.number().positive() });
const Ratio = z.number().positive();

const without = (program: string): string | false =>
  spawnSync(program, ['--version']).status === 0 ? false : `there is no ${program}`;

async function bench(...args: string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/cli.ts'), 'bench', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, error] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, out, error };
}

async function figures<T extends z.ZodObject>(schema: T, ...args: string[]): Promise<z.infer<T>> {
  const { code, out, error } = await bench(...args, '--json');
  t.equal(code, 0, error);
  t.equal(out.trim().split('\n').length, 1, 'one line and nothing else');
  const result: unknown = JSON.parse(out);
  z.object({ bench: z.string(), machine: Machine }).parse(result);
  return schema.parse(result);
}

t.test('the alarm bench measures every leg of a press beside its floor, and loses none', async (t) => {
  const schema = z.object({
    ms: z.object({ synced: Spread, puback: Spread, receipt: Spread, lamp: Spread }),
    floorMs: Spread,
    floorSizes: z.record(z.string(), z.number().positive()),
    ratio: Ratio,
    ledger: z.object({ held: z.number(), expected: z.number() }),
  });
  const { ms, ledger } = await figures(schema, 'alarm', '--presses', '4', '--warm-up', '2');
  t.equal(ledger.held, ledger.expected);
  t.ok(ms.synced.p50 < ms.puback.p50 && ms.puback.p50 < ms.lamp.p50, 'the legs come one after another');
});

t.test('the journal bench compares append and drain with a bare table', async () => {
  const rate = z.object({ journal: z.number().positive(), bare: z.number().positive(), ratio: Ratio });
  const schema = z.object({ recordBytes: z.number().min(300), append: rate, drain: rate });
  await figures(schema, 'journal', '--rounds', '3', '--batch', '20');
});

t.test('the agent bench compares a device with an empty process', async (t) => {
  const memory = z.object({ residentMiB: z.number().positive(), pssMiB: z.number().positive() });
  const schema = z.object({ armedMs: z.number().positive(), agent: memory, emptyNode: memory, ratio: Ratio });
  const { agent, emptyNode } = await figures(schema, 'agent', '--starts', '1', '--idle', '0');
  t.ok(agent.residentMiB > emptyNode.residentMiB, 'two different processes were looked at');
});

t.test(
  'the detect bench says how much faster than a camera it is',
  { skip: without('gst-launch-1.0') },
  async (t) => {
    const schema = z.object({
      frames: z.number(),
      events: z.number(),
      frameMs: Spread,
      realTimeFactor: Ratio,
    });
    const { frames, events } = await figures(schema, 'detect');
    t.ok(frames > 300, 'the whole clip was judged');
    t.equal(events, 1, 'the bag was found');
  },
);

t.test('the voice bench compares a prompt with a player alone', { skip: without('pulseaudio') }, async () => {
  const quantiles = z.object({ p50: z.number().positive(), p90: z.number().positive() });
  const schema = z.object({
    pressMs: quantiles,
    firstSoundMs: quantiles,
    floorMs: quantiles,
    ratio: Ratio,
  });
  await figures(schema, 'voice', '--rounds', '2');
});

t.test('figures are a table for people', async (t) => {
  const { code, out } = await bench('journal', '--rounds', '1', '--batch', '10');
  t.equal(code, 0);
  t.match(out, /^append ratio\s+\d/m);
  t.match(out, /^machine cpu\s+\S/m);
});

t.test('a count that is none is wrong use', async (t) => {
  const { code, error } = await bench('alarm', '--presses', 'many');
  t.equal(code, 2);
  t.match(error, /whole number/);
});

t.test('the planning bench measures routes beside the same search without an estimate', async (t) => {
  const schema = z.object({
    nodes: z.int(),
    edges: z.int(),
    planMs: Spread,
    withoutEstimateMs: Spread,
    ratio: Ratio,
  });
  const { nodes, edges } = await figures(schema, 'plan', '--nodes', '120', '--routes', '20');
  t.equal(nodes, 120);
  t.ok(edges > 300);
});
