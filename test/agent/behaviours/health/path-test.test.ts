import t from 'tap';
import { PathTest } from '#agent/behaviours/health/path-test.ts';
import { FakeLink, FakeMemory, FakeRecorder, ManualDeviceClock, silentLog } from '../fakes.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

class Rig {
  readonly recorder = new FakeRecorder();
  readonly link = new FakeLink();
  readonly clock: ManualDeviceClock;
  readonly memory: FakeMemory;
  readonly test: PathTest;
  calling = false;

  constructor(device = 'pillar-001', clock = new ManualDeviceClock(), memory = new FakeMemory()) {
    this.clock = clock;
    this.memory = memory;
    this.test = new PathTest({
      address: { site: 'mall', device },
      everyH: 24,
      place: () => ({ label: 'North gate' }),
      isCalling: () => this.calling,
      delivery: this.link,
      ...{ clock, memory },
      recorder: this.recorder,
      log: silentLog,
    });
    this.test.start();
  }

  /** Wall clock of each test that was raised, as it is raised. */
  async run(hours: number): Promise<number[]> {
    const raised: number[] = [];
    for (let minute = 0; minute < hours * 60; minute += 1) {
      const before = this.recorder.alarms.length;
      await this.clock.advance(MINUTE_MS);
      if (this.recorder.alarms.length > before) raised.push(this.clock.wallMs());
    }
    return raised;
  }
}

t.test(
  'the first test comes soon after the first start, then one a day at the device’s own time',
  async (t) => {
    const rig = new Rig();
    const [first = 0, second = 0, third = 0, ...more] = await rig.run(72);
    t.ok(first - Date.UTC(2026, 0, 1) < 13 * MINUTE_MS);
    t.ok(second - first <= 24 * HOUR_MS);
    t.equal(third - second, 24 * HOUR_MS);
    t.ok(more.length <= 1);
    t.match(rig.recorder.alarms.slice(0, 2), [
      { type: 'wp.path.tested.v1', data: { cause: 'first', place: { label: 'North gate' } } },
      { data: { cause: 'daily' } },
    ]);
    rig.test.close();
    rig.test.close();
    t.equal(rig.clock.pending, 0);
  },
);

t.test('devices of a site are spread over the day', async (t) => {
  const hours = new Set<number>();
  for (let device = 1; device <= 40; device += 1) {
    const rig = new Rig(`pillar-${device}`);
    const raised = await rig.run(25);
    hours.add(new Date(raised.at(-1) ?? 0).getUTCHours());
    rig.test.close();
  }
  t.ok(hours.size >= 12, `40 devices in ${hours.size} different hours`);
});

t.test('a restart raises none before its time, and a day slept through is made up for', async (t) => {
  const rig = new Rig();
  await rig.run(26);
  rig.test.close();
  const count = rig.recorder.alarms.length;
  const again = new Rig('pillar-001', rig.clock, rig.memory);
  t.same(await again.run(1), []);
  again.test.close();
  const { clock } = rig;
  clock.bootId = 'boot-2';
  clock.setWall(clock.wallMs() + 40 * HOUR_MS);
  const later = new Rig('pillar-001', clock, rig.memory);
  t.equal((await later.run(1)).length, 1);
  t.equal(count, 2);
  later.test.close();
});

t.test('with an unset clock a day is 24 hours of the device’s own', async (t) => {
  const rig = new Rig();
  rig.clock.setWall(0);
  rig.clock.setQuality('unset');
  const [first = 0, second = 0, ...more] = await rig.run(25);
  t.equal(second - first, 24 * HOUR_MS);
  t.same(more, []);
  rig.test.close();
});

t.test('a wall clock that is set back does not put the next test off for years', async (t) => {
  const rig = new Rig();
  rig.clock.setWall(Date.UTC(2040, 0, 1));
  await rig.run(1);
  rig.clock.setWall(Date.UTC(2026, 0, 1));
  t.equal((await rig.run(25)).length, 1);
  rig.test.close();
});

t.test('nothing synthetic goes out beside a call for help', async (t) => {
  const rig = new Rig();
  rig.calling = true;
  t.same(await rig.run(30), []);
  t.throws(() => rig.test.raise('command', 'c1'), { code: 'WP2110' });
  rig.calling = false;
  t.equal((await rig.run(0.1)).length, 1, 'it is made up for as soon as the call is over');
  rig.test.close();
});

t.test('what it took is told when the ledger has it', async (t) => {
  const rig = new Rig();
  const id = rig.test.raise('command', 'c1');
  t.match(rig.recorder.alarms, [{ id, data: { cause: 'command', commandId: 'c1' } }]);
  rig.link.deliver('another', 'received');
  await rig.clock.advance(40);
  rig.link.deliver(id, 'sent');
  await rig.clock.advance(20);
  rig.link.deliver(id, 'received');
  rig.link.deliver(id, 'received');
  t.match(rig.recorder.events, [
    { type: 'wp.path.measured.v1', data: { testId: id, sentMs: 40, receivedMs: 60 } },
  ]);
  t.equal(rig.recorder.events.length, 1);
  rig.test.close();
});
