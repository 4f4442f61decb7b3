import t from 'tap';
import { WatchEvents } from '#agent/behaviours/detection/watch-events.ts';
import type { WatchReport } from '#agent/ports/vision-watches.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { isEventType } from '#contract/event-types.ts';
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

function tellerOf(recorder: Recorder): WatchEvents {
  return new WatchEvents({ camera: 'front', place: () => ({ label: 'East hall' }), recorder, log: silent });
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

t.test('every further tailgating is told', async (t) => {
  const recorder = new Recorder();
  const events = tellerOf(recorder);
  const report = REPORTS[4];
  if (report === undefined) throw new Error('there are reports');
  events.tell(report);
  events.tell(report);
  t.equal(recorder.events.length, 2);
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
