import t from 'tap';
import { CameraHealth, type SourceReport } from '#agent/behaviours/detection/camera-health.ts';
import { VisionHealth } from '#agent/behaviours/detection/vision-health.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FakeMemory } from '../fakes.ts';
import { Recorder, silent } from './fixture.ts';

function cameraOf(memory = new FakeMemory()) {
  const clock = new ManualClock();
  const recorder = new Recorder();
  const health = new VisionHealth({
    recorder,
    onChange: () => undefined,
    memory,
    clock,
    log: silent,
  });
  const camera = new CameraHealth('front', health, clock);
  health.start(['vision', camera.part]);
  camera.start();
  const say = (state: SourceReport['state'], code?: string) =>
    camera.take({ kind: 'source', state, ...(code === undefined ? {} : { code }) });
  return { clock, camera, say, told: () => recorder.health('camera-front'), health, recorder };
}

t.test('a camera that works from the start is told of in the state, not as an event', async (t) => {
  const { say, told, health } = cameraOf();
  say('playing');
  t.same(told(), []);
  t.match(health.states, { 'camera-front': 'ok' });
});

t.test('a failure is told at once with its code, the recovery when it has lasted, each once', async (t) => {
  const { clock, say, told, recorder } = cameraOf();
  say('playing');
  say('failed', 'WP2403');
  for (let retry = 0; retry < 20; retry++) {
    await clock.advance(30_000);
    say('failed', 'WP2402');
  }
  t.same(told(), ['failed']);
  t.match(recorder.events[0]?.data, { code: 'WP2403' });
  say('playing');
  await clock.advance(9000);
  t.same(told(), ['failed'], 'not yet');
  await clock.advance(1000);
  t.same(told(), ['failed', 'ok']);
  await clock.advance(100);
  t.equal(clock.pending, 0);
});

t.test(
  'a camera that flaps for an hour makes no storm, and stays told as failed until it keeps still',
  async (t) => {
    const { clock, say, told } = cameraOf();
    say('playing');
    for (let minute = 0; minute < 60; minute++) {
      say('failed', 'WP2402');
      await clock.advance(15_000);
      say('playing');
      await clock.advance(45_000);
    }
    const during = told();
    t.ok(during.length <= 7, `${during.length} events in sixty episodes`);
    t.equal(during.at(-1), 'failed');
    await clock.advance(600_000);
    t.equal(told().at(-1), 'ok');
  },
);

t.test('a passing trouble is told, and counts as over some time after it', async (t) => {
  const { clock, say, told, recorder } = cameraOf();
  say('playing');
  say('degraded', 'WP2469');
  say('playing');
  t.same(told(), ['degraded']);
  t.match(recorder.events[0]?.data, { code: 'WP2469' });
  await clock.advance(10_000);
  t.same(told(), ['degraded', 'ok']);
});

t.test('after a failure that leaves it slow, slow is what it has come to', async (t) => {
  const { clock, say, told } = cameraOf();
  say('playing');
  say('degraded', 'WP2468');
  say('failed', 'WP2403');
  say('degraded', 'WP2468');
  await clock.advance(10_000);
  t.same(told(), ['degraded', 'failed', 'degraded']);
});

t.test('troubles long apart are told as new ones, quickly over', async (t) => {
  const { clock, say, told } = cameraOf();
  say('playing');
  for (let day = 0; day < 3; day++) {
    say('failed', 'WP2402');
    say('playing');
    await clock.advance(10_000);
    t.equal(told().at(-1), 'ok', `on day ${day}`);
    await clock.advance(86_400_000);
  }
});

t.test('while nobody watches it, it gets no better', async (t) => {
  const { clock, say, told, camera } = cameraOf();
  say('failed', 'WP2402');
  say('playing');
  camera.interrupt();
  await clock.advance(600_000);
  t.same(told(), ['failed']);
  say('playing');
  await clock.advance(600_000);
  t.same(told(), ['failed', 'ok']);
});

t.test('another camera begins without the faults of the last', async (t) => {
  const { say, told, camera, clock } = cameraOf();
  say('failed', 'WP2402');
  camera.renew();
  say('playing');
  t.same(told(), ['failed', 'ok']);
  await clock.advance(100);
  t.equal(clock.pending, 0);
});

t.test('a code that the child made up is not passed on, and the end of a clip is no fault', async (t) => {
  const { say, told, recorder } = cameraOf();
  say('ended');
  t.same(told(), []);
  say('failed', 'WP0000');
  t.match(recorder.events[0]?.data, { code: 'WP2402' });
});

t.test('a failure told before a restart of the agent is not told twice, and its end is told', async (t) => {
  const memory = new FakeMemory();
  const before = cameraOf(memory);
  before.say('failed', 'WP2402');
  await before.clock.advance(1000); // Then it is killed.
  const { say, told, clock, health } = cameraOf(memory);
  t.same(health.states, { 'camera-front': 'failed' }, 'it counts until more is known');
  say('failed', 'WP2402');
  t.same(told(), []);
  say('playing');
  await clock.advance(9000);
  t.same(told(), [], 'not before it has lasted');
  await clock.advance(2000);
  t.same(told(), ['ok']);
  const third = cameraOf(memory);
  third.say('playing');
  await third.clock.advance(60_000);
  t.same(third.told(), [], 'once');
});

t.test('a part that is no longer in the profile is told to be in order, once', async (t) => {
  const memory = new FakeMemory();
  memory.set('vision-health', { version: 1, parts: { 'camera-old': 'failed', vision: 'failed' } });
  const { recorder, health, clock } = cameraOf(memory);
  t.match(recorder.events, [{ data: { part: 'camera-old', state: 'ok', detail: String } }]);
  t.same(health.states, { vision: 'failed' });
  await clock.advance(1000);
  t.same(cameraOf(memory).recorder.events, []);
  health.set('vision', 'ok');
  t.equal(recorder.events.length, 2);
});
