import t from 'tap';
import { BypassDesk } from '#agent/behaviours/bypass/bypass-desk.ts';
import { BYPASS_KEY } from '#agent/behaviours/bypass/kept-bypasses.ts';
import { FakeMemory, FakeRecorder, ManualDeviceClock, silentLog } from '../fakes.ts';

const DAY_S = 86_400;

/** A device's bypasses; `again` are those of the same device after its agent was started again. */
class Rig {
  readonly clock: ManualDeviceClock;
  readonly memory: FakeMemory;
  readonly recorder = new FakeRecorder();
  readonly changes: string[] = [];
  readonly desk: BypassDesk;
  told = 0;

  constructor({
    memory = new FakeMemory(),
    clock = new ManualDeviceClock(),
  }: { memory?: FakeMemory; clock?: ManualDeviceClock } = {}) {
    this.memory = memory;
    this.clock = clock;
    this.desk = new BypassDesk({
      names: ['button', 'tamper', 'water'],
      visitors: ['release'],
      onChange: () => {
        this.told += 1;
      },
      log: silentLog,
      ...{ memory, clock, recorder: this.recorder },
    });
    this.desk.onChange((input, change) => this.changes.push(`${input} ${change}`));
    this.desk.start();
  }

  order(inputs: string[], forS: number): Record<string, unknown> {
    return this.desk.bypass({ inputs, forS, reason: 'wet wiring' }, 'ops');
  }

  /** As if the agent was killed: what was not written is gone. */
  again(): Rig {
    return new Rig({ memory: this.memory, clock: this.clock });
  }

  /** The same disk in a machine that has started anew. */
  rebooted(wallMs: number, quality: 'synced' | 'unset' = 'synced'): Rig {
    const clock = new ManualDeviceClock(wallMs);
    clock.bootId = 'boot-2';
    clock.bootedMs = 10;
    if (quality === 'unset') clock.setQuality('unset');
    return new Rig({ memory: this.memory, clock });
  }

  get events() {
    return this.recorder.events.map(({ type, data }) => ({ type, ...data }));
  }
}

t.test('a bypass is told with its end, reason and who ordered it, counts, and ends by itself', async (t) => {
  const rig = new Rig();
  const until = new Date(rig.clock.wallMs() + 600_000).toISOString();
  t.match(rig.order(['button', 'water'], 600), { inputs: ['button', 'water'], until });
  t.strictSame(rig.events, [
    { type: 'wp.input.bypassed.v1', input: 'button', until, reason: 'wet wiring', by: 'ops' },
    { type: 'wp.input.bypassed.v1', input: 'water', until, reason: 'wet wiring', by: 'ops' },
  ]);
  t.ok(rig.desk.isBypassed('button'));
  t.notOk(rig.desk.isBypassed('tamper'));
  t.strictSame(rig.desk.describe().button, { until, reason: 'wet wiring' });
  rig.desk.suppress('button');
  rig.desk.suppress('button');
  rig.desk.suppress('tamper');
  await rig.clock.advance(599_999);
  t.ok(rig.desk.isBypassed('button'), 'not a millisecond early');
  await rig.clock.advance(1);
  t.notOk(rig.desk.isBypassed('button'));
  t.match(rig.events.slice(2), [
    { type: 'wp.input.restored.v1', input: 'button', cause: 'expired', suppressed: 2 },
    { type: 'wp.input.restored.v1', input: 'water', cause: 'expired', suppressed: 0 },
  ]);
  t.strictSame(rig.changes, ['button bypassed', 'water bypassed', 'button restored', 'water restored']);
  t.equal(rig.told, 4);
  t.equal(rig.clock.pending, 0, 'no timer is left');
  rig.desk.close();
});

t.test('forS 0 ends it, for those that are bypassed', async (t) => {
  const rig = new Rig();
  rig.order(['button'], 600);
  t.match(rig.order(['button', 'tamper'], 0), { inputs: ['button'], forS: 0 });
  t.match(rig.events.slice(1), [{ type: 'wp.input.restored.v1', input: 'button', cause: 'command' }]);
  t.match(rig.order(['button'], 0), { inputs: [] }, 'a second time there is nothing to end');
  t.equal(rig.events.length, 2);
});

t.test('a further order replaces the end, in both directions, and goes on counting', async (t) => {
  const rig = new Rig();
  rig.order(['button'], 600);
  rig.desk.suppress('button');
  rig.order(['button'], 60);
  await rig.clock.advance(59_999);
  t.ok(rig.desk.isBypassed('button'));
  await rig.clock.advance(1);
  t.match(rig.events.at(-1), { cause: 'expired', suppressed: 1 });
});

t.test('all inputs or none: one that is not there, or that releases a door, refuses the order', async (t) => {
  const rig = new Rig();
  t.throws(() => rig.order(['button', 'bell'], 60), { code: 'WP2105' });
  t.throws(() => rig.order(['button', 'release'], 60), { code: 'WP2112' });
  t.notOk(rig.desk.isBypassed('button'));
  t.strictSame(rig.events, []);
});

t.test('what cannot be kept over a restart is not begun', async (t) => {
  const memory = new FakeMemory();
  const rig = new Rig({ memory });
  rig.order(['tamper'], 60);
  memory.set = () => {
    throw new TypeError('disk full');
  };
  t.throws(() => rig.order(['button'], 60), { code: 'WP2608' });
  t.notOk(rig.desk.isBypassed('button'));
  t.ok(rig.desk.isBypassed('tamper'), 'what was begun before goes on');
  t.equal(rig.events.length, 1);
  await rig.clock.advance(60_000);
  t.notOk(rig.desk.isBypassed('tamper'), 'and ends, though that cannot be written');
});

t.test(
  'it goes on after a restart, with no second told beginning, and ends when it would have ended',
  async (t) => {
    const rig = new Rig();
    rig.order(['button'], 600);
    await rig.clock.advance(200_000);
    rig.desk.suppress('button');
    await rig.clock.advance(60_000);
    const after = rig.again();
    t.ok(after.desk.isBypassed('button'));
    t.strictSame(after.events, []);
    await after.clock.advance(339_999);
    t.ok(after.desk.isBypassed('button'));
    await after.clock.advance(1);
    t.match(after.events, [{ type: 'wp.input.restored.v1', cause: 'expired', suppressed: 1 }]);
    t.notOk(rig.again().desk.isBypassed('button'), 'and is forgotten then');
  },
);

t.test('what ran out while the agent was away is told at its start', async (t) => {
  const rig = new Rig();
  rig.order(['button'], 600);
  rig.desk.close();
  await rig.clock.advance(600_000);
  const after = rig.again();
  t.notOk(after.desk.isBypassed('button'));
  t.match(after.events, [{ type: 'wp.input.restored.v1', cause: 'expired' }]);
});

t.test('after another boot the wall clock says what is left', async (t) => {
  const rig = new Rig();
  rig.order(['button'], DAY_S);
  const after = rig.rebooted(rig.clock.wallMs() + (DAY_S - 60) * 1000);
  t.ok(after.desk.isBypassed('button'));
  await after.clock.advance(59_999);
  t.ok(after.desk.isBypassed('button'));
  await after.clock.advance(1);
  t.notOk(after.desk.isBypassed('button'));
});

t.test('a clock that was set back makes it no longer', async (t) => {
  const rig = new Rig();
  rig.order(['button'], 600);
  const after = rig.rebooted(rig.clock.wallMs() - DAY_S * 1000);
  await after.clock.advance(600_000);
  t.notOk(after.desk.isBypassed('button'));
});

t.test('a device that does not know the time goes by what was left an hour ago at most', async (t) => {
  const rig = new Rig();
  rig.order(['button'], DAY_S);
  await rig.clock.advance(5.5 * 3_600_000);
  const after = rig.rebooted(0, 'unset');
  await after.clock.advance(19 * 3_600_000 - 1);
  t.ok(after.desk.isBypassed('button'));
  await after.clock.advance(1);
  t.notOk(after.desk.isBypassed('button'));
});

t.test('as soon as it learns the time, it ends what should have ended', async (t) => {
  const rig = new Rig();
  rig.order(['button', 'tamper'], 600);
  rig.order(['tamper'], DAY_S);
  const endedAtMs = rig.clock.wallMs() + 700_000;
  const after = rig.rebooted(0, 'unset');
  t.ok(after.desk.isBypassed('button'));
  after.clock.setWall(endedAtMs);
  after.clock.setQuality('synced');
  t.notOk(after.desk.isBypassed('button'));
  t.ok(after.desk.isBypassed('tamper'));
  await after.clock.advance((DAY_S - 700) * 1000);
  t.notOk(after.desk.isBypassed('tamper'));
});

t.test('counts are written once a minute at most, however often a contact chatters', async (t) => {
  const rig = new Rig();
  rig.order(['button'], 600);
  const before = rig.memory.writes.length;
  for (let minute = 0; minute < 5; minute += 1) {
    for (let count = 0; count < 100; count += 1) rig.desk.suppress('button');
    await rig.clock.advance(60_000);
  }
  t.equal(rig.memory.writes.length - before, 5);
  rig.desk.suppress('button');
  rig.desk.close();
  t.match(rig.memory.get(BYPASS_KEY), { bypasses: [{ suppressed: 501 }] }, 'the rest at the end');
});

t.test('what cannot be read bypasses nothing', async (t) => {
  const memory = new FakeMemory();
  memory.set(BYPASS_KEY, { version: 9 });
  t.notOk(new Rig({ memory }).desk.isBypassed('button'));
});
