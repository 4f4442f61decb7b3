import t from 'tap';
import { WatchEvents } from '#agent/behaviours/detection/watch-events.ts';
import { Watches, type WatchReport } from '#agent/ports/vision-watches.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { isEventType } from '#contract/event-types.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FakeMemory } from '../fakes.ts';
import { fakeVision, keeperOf, Recorder, silent } from './fixture.ts';

const REPORTS: readonly WatchReport[] = [
  { kind: 'watch', watch: 'crowd', state: 'began', name: 'exit', t: 20, people: 31, limit: 25 },
  { kind: 'watch', watch: 'crowd', state: 'ended', name: 'exit', t: 90, people: 12, limit: 25 },
  { kind: 'watch', watch: 'loitering', state: 'began', name: 'till', t: 200, since: 80 },
  { kind: 'watch', watch: 'loitering', state: 'ended', name: 'till', t: 230, since: 80 },
  { kind: 'watch', watch: 'tailgating', state: 'began', name: 'door', t: 12, crossings: 2 },
  { kind: 'watch', watch: 'impairment', state: 'began', name: 'covered', t: 40, since: 33 },
  { kind: 'watch', watch: 'impairment', state: 'ended', name: 'covered', t: 70, since: 33 },
];
const TYPES = [
  'wp.crowd.exceeded.v1',
  'wp.crowd.eased.v1',
  'wp.loitering.detected.v1',
  'wp.loitering.ended.v1',
  'wp.tailgating.detected.v1',
  'wp.camera.impaired.v1',
  'wp.camera.restored.v1',
];

const AREA = [
  [0, 0],
  [1, 0],
  [1, 1],
];
const WATCHES = Watches.parse({
  crowd: [{ name: 'exit', polygon: AREA, people: 25 }],
  loitering: [{ name: 'till', polygon: AREA, afterS: 60 }],
  impairment: ['covered', 'frozen'],
});

function tellerOf(
  recorder: Recorder,
  { memory = new FakeMemory(), watches = WATCHES, camera = 'front' } = {},
) {
  const place = () => ({ label: 'East hall' });
  const clock = new ManualClock();
  const events = new WatchEvents({ camera, watches, place, recorder, memory, clock, log: silent });
  events.start();
  return Object.assign(events, { clock });
}

t.test('each report becomes an event that fits the wire, with place and camera', async (t) => {
  const recorder = new Recorder();
  const events = tellerOf(recorder);
  for (const report of REPORTS) events.tell(report);
  t.same(
    recorder.events.map(({ type }) => type),
    TYPES,
  );
  for (const { type, data } of recorder.events) {
    t.ok(isEventType(type) && EVENT_DATA[type].safeParse(data).success, type);
    t.match(data, { place: { label: 'East hall' }, camera: 'front' });
  }
  t.match(recorder.events[0]?.data, { name: 'exit', people: 31, limit: 25, t: 20 });
  t.match(recorder.events[5]?.data, { fault: 'covered', since: 33 });
});

t.test('what began is told once, also by a process that was started again', async (t) => {
  const recorder = new Recorder();
  const events = tellerOf(recorder);
  const [began, ended] = REPORTS;
  if (began === undefined || ended === undefined) throw new Error('there are reports');
  for (const report of [ended, began, began, ended, ended, began]) events.tell(report);
  t.same(
    recorder.events.map(({ type }) => type),
    ['wp.crowd.exceeded.v1', 'wp.crowd.eased.v1', 'wp.crowd.exceeded.v1'],
  );
});

t.test('two areas, and two faults of a camera, are told apart', async (t) => {
  const recorder = new Recorder();
  const events = tellerOf(recorder);
  const [crowd] = REPORTS;
  const covered = REPORTS[5];
  if (crowd?.watch !== 'crowd' || covered?.watch !== 'impairment') throw new Error('there are reports');
  events.tell(crowd);
  events.tell({ ...crowd, name: 'stairs' });
  events.tell(covered);
  events.tell({ ...covered, name: 'frozen' });
  t.equal(recorder.events.length, 4);
});

t.test('followers at a door whose contact is bypassed are counted, not told', async (t) => {
  const suppressed: string[] = [];
  const bypassed = new Set(['lock']);
  const gate = {
    isBypassed: (input: string) => bypassed.has(input),
    suppress: (input: string) => void suppressed.push(input),
    onChange: () => () => undefined,
  };
  const line = [
    [0, 0.5],
    [1, 0.5],
  ];
  const watches = Watches.parse({
    tailgating: [
      { name: 'door', line, input: 'lock' },
      { name: 'side', line, input: 'other' },
      { name: 'open', line },
    ],
  });
  const recorder = new Recorder();
  const teller = new WatchEvents({
    ...{ camera: 'front', watches, gate, recorder, memory: new FakeMemory(), log: silent },
    ...{ place: () => ({ label: 'here' }), clock: new ManualClock() },
  });
  const follow = (name: string) =>
    teller.tell({ kind: 'watch', watch: 'tailgating', state: 'began', name, t: 1, crossings: 2 });
  for (const name of ['door', 'door', 'side', 'open']) follow(name);
  t.strictSame(suppressed, ['lock', 'lock']);
  t.match(recorder.events, [{ data: { name: 'side' } }, { data: { name: 'open' } }]);
  bypassed.clear();
  follow('door');
  t.equal(recorder.events.length, 3);
});

t.test('every further tailgating is told', async (t) => {
  const recorder = new Recorder();
  const events = tellerOf(recorder);
  const report = REPORTS[4];
  if (report === undefined) throw new Error('there are reports');
  events.tell(report);
  events.tell(report);
  t.equal(recorder.events.length, 2);
});

t.test(
  'what was open before a restart of the agent is not told twice, and its end is told once',
  async (t) => {
    const memory = new FakeMemory();
    const before = tellerOf(new Recorder(), { memory });
    const [crowd, eased, loitering, gone] = REPORTS;
    const [, , , , , covered, restored] = REPORTS;
    if (!crowd || !eased || !loitering || !gone || !covered || !restored)
      throw new Error('there are reports');
    for (const report of [crowd, loitering, covered, gone]) before.tell(report);
    await before.clock.advance(1000); // Then it is killed.
    const recorder = new Recorder();
    const after = tellerOf(recorder, { memory });
    for (const report of [crowd, covered, eased, restored, gone, eased]) after.tell(report);
    t.same(
      recorder.events.map(({ type }) => type),
      ['wp.crowd.eased.v1', 'wp.camera.restored.v1'],
    );
    await after.clock.advance(1000);
    const later = new Recorder();
    tellerOf(later, { memory }).tell(eased);
    t.same(later.events, [], 'an end that was told is told');
  },
);

t.test('what the profile no longer asks for is ended once, and said to be unwatched', async (t) => {
  const memory = new FakeMemory();
  const before = tellerOf(new Recorder(), { memory });
  const [crowd, , loitering] = REPORTS;
  if (!crowd || !loitering) throw new Error('there are reports');
  for (const report of [crowd, loitering]) before.tell(report);
  before.close();
  const recorder = new Recorder();
  const after = tellerOf(recorder, { memory, watches: { ...WATCHES, crowd: [] } });
  t.match(recorder.events, [{ type: 'wp.crowd.eased.v1', data: { name: 'exit', cause: 'unwatched' } }]);
  t.equal(recorder.events.length, 1);
  for (const { type, data } of recorder.events)
    t.ok(isEventType(type) && EVENT_DATA[type].safeParse(data).success);
  after.close();
  const renamed = new Recorder();
  tellerOf(renamed, { memory, camera: 'gate' }).close();
  const ended = { type: 'wp.loitering.ended.v1', data: { camera: 'front', cause: 'unwatched' } };
  t.match(renamed.events, [ended], 'another camera');
  tellerOf(renamed, { memory, camera: 'gate' });
  t.equal(renamed.events.length, 1, 'once');
});

t.test('what a vision process reports of its watches is recorded', async (t) => {
  const script = `for (const report of ${JSON.stringify(REPORTS)}) say(report); orders(() => undefined)`;
  const { keeper, recorder } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  await recorder.until(({ type }) => type === 'wp.camera.restored.v1');
  t.same(
    recorder.events.map(({ type }) => type),
    TYPES,
  );
});
