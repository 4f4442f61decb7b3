import t from 'tap';
import { endFormerCamera } from '#agent/behaviours/detection/former-camera.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { isEventType } from '#contract/event-types.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FakeMemory } from '../fakes.ts';
import { Recorder, silent } from './fixture.ts';

const BOX = [0.1, 0.2, 0.3, 0.4];
const CROWD = { kind: 'watch', watch: 'crowd', state: 'began', name: 'exit', t: 20, people: 31, limit: 25 };

t.test('a device whose camera was taken away ends what it had told, once', async (t) => {
  const memory = new FakeMemory();
  memory.set('vision-health', { version: 1, parts: { 'camera-front': 'failed' } });
  memory.set('camera-watches', { version: 1, camera: 'front', open: [CROWD] });
  const bag = { objectId: 'bag', camera: 'front', t: 90, since: 30, box: BOX, score: 0.9 };
  memory.set('told-objects', { version: 1, there: [bag], over: [] });
  const recorder = new Recorder();
  const options = { place: () => ({ label: 'East hall' }), recorder, memory, log: silent };
  const clock = new ManualClock();
  endFormerCamera({ ...options, clock });
  t.match(recorder.events, [
    { type: 'wp.health.changed.v1', data: { part: 'camera-front', state: 'ok' } },
    { type: 'wp.crowd.eased.v1', data: { camera: 'front', name: 'exit', cause: 'unwatched' } },
    { type: 'wp.object.updated.v1', data: { camera: 'front', objectId: 'bag', state: 'unwatched' } },
  ]);
  for (const { type, data } of recorder.events) {
    t.ok(isEventType(type) && EVENT_DATA[type].safeParse(data).success, type);
  }
  t.equal(clock.pending, 0);
  endFormerCamera({ ...options, clock });
  t.equal(recorder.events.length, 3);
});

t.test('a device that never had a camera has nothing to end', async (t) => {
  const recorder = new Recorder();
  const place = () => ({ label: 'East hall' });
  const memory = new FakeMemory();
  endFormerCamera({ place, recorder, memory, log: silent, clock: new ManualClock() });
  t.same(recorder.events, []);
  t.same(memory.writes, []);
});
