import t, { type Test } from 'tap';
import { Guest } from './guest.ts';
import { withoutGuest } from './guest-files.ts';

const CHIP = '9030000.pl061';
/** Pauses this long are 100 edges a second and more, whatever the echoes and this machine's timers add. */
const PAUSE_MS = 8;

/** What the kernel told of some edges, oldest first: level, CLOCK_MONOTONIC in ms, edges folded into it. */
interface Report {
  readonly told: number;
  readonly edges: readonly (readonly [number, number, number])[];
  readonly lateMs: { readonly min: number; readonly p50: number; readonly max: number };
}

/** `count` levels in turn, beginning with `first`. */
const inTurn = (first: 0 | 1, count: number): (0 | 1)[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? first : first === 1 ? 0 : 1));

/** Checks that exactly these were seen, in this order, none lost. */
async function seen(t: Test, guest: Guest, line: number, levels: readonly (0 | 1)[]): Promise<Report> {
  const report = reportOf(await guest.ask(`until ${line} ${levels.length}`));
  t.strictSame(
    report.edges.map(([level]) => level),
    levels,
    `${levels.length} edges in order`,
  );
  t.ok(
    report.edges.every(([, , folded]) => folded === 1),
    'the kernel counts none between them',
  );
  const times = report.edges.map(([, atMs]) => atMs);
  t.ok(
    times.every((atMs, i) => i === 0 || atMs > (times[i - 1] ?? 0)),
    'each is dated after the one before it',
  );
  t.ok(report.lateMs.min > -1, 'none is heard before it happened, as far as the clocks can be compared');
  t.equal(report.told, levels.length, 'the contact tells as many');
  return report;
}

function reportOf(value: unknown): Report {
  if (isReport(value)) return value;
  throw new Error(`no report: ${JSON.stringify(value)}`);
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'edges' in value && Array.isArray(value.edges);
}

const spanMs = ({ edges }: Report): number => (edges.at(-1)?.[1] ?? 0) - (edges[0]?.[1] ?? 0);

t.test('a GPIO chip in an arm64 guest', { skip: await withoutGuest() }, async (t) => {
  const guest = await Guest.start();
  t.teardown(() => guest.close());
  const late = ({ lateMs }: Report) =>
    `kernel to listener: p50 ${lateMs.p50.toFixed(2)} ms, at most ${lateMs.max.toFixed(1)} ms`;

  await t.test('without the addon a line is read through sysfs where the profile allows it', async (t) => {
    t.equal(await guest.ask('hide'), 'hidden');
    t.match(await guest.ask('watch 7 0 0'), { code: 'WP2340' }, 'the character device needs the addon');
    await guest.play(7, [1, 0], PAUSE_MS);
    t.match(await guest.ask('fallback 7 0 0'), { active: false, arch: 'arm64' });
    for (const level of inTurn(1, 40)) {
      await guest.play(7, [level], PAUSE_MS);
      const { edges } = reportOf(await guest.ask('until 7 1'));
      t.strictSame(
        edges.map(([told]) => told),
        [level],
      );
    }
    await guest.play(6, [1, 0], PAUSE_MS);
    t.match(await guest.ask('fallback 6 1 0'), { active: true }, 'turned round where low is active');
    await guest.play(6, [1], PAUSE_MS);
    t.match(await guest.ask('until 6 1'), { edges: [[0, Number, 1]] });
    await guest.play(6, [0], PAUSE_MS);
    t.match(await guest.ask('until 6 1'), { edges: [[1, Number, 1]] });
  });

  await t.test(
    'through sysfs too a contact that bounces is one edge, and other lines fail clearly',
    async (t) => {
      await guest.play(1, [1, 0], PAUSE_MS);
      t.match(await guest.ask('fallback 1 0 200'), { active: false });
      await guest.play(1, [1, 0, 1, 0, 1], 0);
      t.match(await guest.ask('until 1 1'), { told: 1, edges: [[1, Number, 1]] });
      t.match(await guest.ask('fallback 8 0 0'), { code: 'WP2343' });
    },
  );

  await t.test(
    'a line that sysfs holds is in use; closed, it can be had by the character device',
    async (t) => {
      t.equal(await guest.ask('show'), 'shown');
      t.match(await guest.ask(`refusal ${CHIP} 7`), {
        code: 'WP2344',
        detail: `line 7 of ${CHIP}, held by sysfs: EBUSY`,
      });
      for (const line of [1, 6, 7]) await guest.ask(`close ${line}`);
      for (const line of [1, 6, 7]) t.match(await guest.ask(`refusal ${CHIP} ${line}`), { code: null });
    },
  );

  await t.test('what cannot be had is told with its own code, and what there is', async (t) => {
    t.match(await guest.ask('refusal pinctrl 4'), {
      code: 'WP2341',
      detail: `pinctrl; here: ${CHIP} (gpiochip0, 8 lines)`,
    });
    t.match(await guest.ask(`refusal ${CHIP} 8`), { code: 'WP2343' });
    t.match(await guest.ask(`refusal ${CHIP} 6`), { code: null }, 'and a free line can');
  });

  await t.test('sysfs has another number for a line, and holds it where it is exported', async (t) => {
    const found = await guest.ask('sysfs 5');
    t.match(found, { number: Number });
    const number = typeof found === 'object' && found !== null && 'number' in found ? found.number : null;
    t.not(number, 5);
    t.equal(await guest.ask(`export ${number}`), 'exported');
    t.match(await guest.ask(`refusal ${CHIP} 5`), {
      code: 'WP2344',
      detail: `line 5 of ${CHIP}, held by sysfs: EBUSY`,
    });
  });

  await t.test('the level found is told, and turned round where low is active', async (t) => {
    for (const line of [2, 3, 4]) await guest.play(line, [1, 0], PAUSE_MS);
    t.match(await guest.ask('watch 4 0 0'), { active: false, arch: 'arm64', node: process.version });
    t.match(await guest.ask('watch 3 1 0'), { active: true });
    await guest.play(3, [1, 0], PAUSE_MS);
    await seen(t, guest, 3, [0, 1]);
  });

  await t.test('no edge is lost at 100 a second, and they are in order', async (t) => {
    const levels = inTurn(1, 300);
    await guest.play(4, levels, PAUSE_MS);
    const report = await seen(t, guest, 4, levels);
    t.comment(`${(((levels.length - 1) * 1000) / spanMs(report)).toFixed(0)} edges/s; ${late(report)}`);
  });

  await t.test(
    'edges while the process is stopped for a second wait in the kernel with their times',
    async (t) => {
      const levels = inTurn(1, 50);
      t.equal(await guest.ask('stop'), 'stopped');
      await guest.play(4, levels, 20);
      t.equal(await guest.ask('continue'), 'going');
      const report = await seen(t, guest, 4, levels);
      t.ok(spanMs(report) >= 49 * 19, `dated over ${spanMs(report).toFixed(0)} ms, not when they were read`);
      t.comment(late(report));
    },
  );

  await t.test('afterwards edges come as before', async (t) => {
    const levels = inTurn(1, 100);
    await guest.play(4, levels, PAUSE_MS);
    t.comment(late(await seen(t, guest, 4, levels)));
  });

  await t.test('a contact that bounces is one edge with the debounce of the kernel', async (t) => {
    t.match(await guest.ask('watch 2 0 200'), { active: false });
    await guest.play(2, [1, 0, 1, 0, 1], 0);
    const report = reportOf(await guest.ask('until 2 1'));
    t.strictSame(
      report.edges.map(([level]) => level),
      [1],
    );
  });

  await t.test('a siren drives its line, turned round where low is on, and leaves it off', async (t) => {
    for (const [line, on, off] of [
      [0, 1, 0],
      [1, 0, 1],
    ] as const) {
      await guest.ask(`siren ${line} ${off}`);
      t.equal(await guest.driven(line), off, 'off at its start');
      await guest.ask(`on ${line}`);
      t.equal(await guest.driven(line), on);
      await guest.ask(`off ${line}`);
      t.equal(await guest.driven(line), off);
      await guest.ask(`on ${line}`);
      t.match(await guest.ask(`refusal ${CHIP} ${line}`), { code: 'WP2344' });
      await guest.ask(`silence ${line}`);
      t.equal(await guest.driven(line), off, 'off after its end');
      t.match(await guest.ask(`refusal ${CHIP} ${line}`), { code: null });
    }
  });

  await t.test('a line that was closed can be had again', async (t) => {
    t.match(await guest.ask(`refusal ${CHIP} 4`), { code: 'WP2344', detail: /held by watchpost/ });
    await guest.ask('close 4');
    t.match(await guest.ask(`refusal ${CHIP} 4`), { code: null });
  });
});
