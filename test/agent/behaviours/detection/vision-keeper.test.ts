import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadAddon } from '#agent/drivers/gstreamer/addon.ts';
import { hasGstLaunch } from '#agent/drivers/gstreamer/launch-source.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { fakeVision, keeperOf, REAL_VISION } from './fixture.ts';

const skip = loadAddon() !== null || hasGstLaunch() ? false : 'no GStreamer on this machine';
const REPORT = {
  kind: 'object',
  change: 'left',
  objectId: 'object-1',
  t: 30,
  since: 20,
  box: [0.1, 0.2, 0.3, 0.4],
  score: 0.9,
  reason: 'alone for 10.0 s',
};
const HASH = 'a'.repeat(64);

t.test('killed with -9, the vision process is started again, and told once each way', { skip }, async (t) => {
  const { keeper, recorder, untilState } = keeperOf(t.testdir(), REAL_VISION);
  t.teardown(() => keeper.close());
  keeper.start();
  await untilState(() => keeper.state().health.vision === 'ok');
  const { pid } = keeper.state();
  if (pid === null) throw new Error('it must run');
  process.kill(pid, 'SIGKILL');
  await untilState(() => keeper.state().health.vision === 'failed');
  await untilState(() => keeper.state().health.vision === 'ok');
  t.not(keeper.state().pid, pid);
  t.equal(keeper.state().restarts, 1);
  t.same(recorder.health('vision'), ['failed', 'ok']);
  t.match(recorder.events[0]?.data, { code: 'WP2406', detail: 'SIGKILL' });
});

t.test('stopped with SIGSTOP, it is killed by the watchdog and started again', { skip }, async (t) => {
  const { keeper, recorder, untilState } = keeperOf(t.testdir(), REAL_VISION, { watchdogMs: 3000 });
  t.teardown(() => keeper.close());
  keeper.start();
  await untilState(() => keeper.state().health.vision === 'ok');
  const { pid } = keeper.state();
  if (pid === null) throw new Error('it must run');
  process.kill(pid, 'SIGSTOP');
  await t.rejects(keeper.snapshot(200), { code: 'WP2407' }, 'nobody waits for a stopped process');
  await untilState(() => keeper.state().health.vision === 'failed');
  t.match(recorder.events.at(-1)?.data, { code: 'WP2405' });
  await untilState(() => keeper.state().health.vision === 'ok');
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'the stopped one is gone');
});

t.test('closing ends the process, twice does no harm', { skip }, async (t) => {
  const { keeper, untilState, recorder } = keeperOf(t.testdir(), REAL_VISION);
  keeper.start();
  await untilState(() => keeper.state().health.vision === 'ok');
  const { pid } = keeper.state();
  await Promise.all([keeper.close(), keeper.close()]);
  if (pid === null) throw new Error('it must have run');
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  t.same(recorder.events, [], 'an ordered end is no fault');
});

t.test('a snapshot comes as a file whose hash is announced', { skip }, async (t) => {
  const folder = t.testdir();
  const { keeper, untilState, blobs } = keeperOf(folder, REAL_VISION);
  t.teardown(() => keeper.close());
  keeper.start();
  await untilState(() => keeper.state().health['camera-front'] === 'ok');
  await untilState(() => keeper.state().health.vision === 'ok');
  const reference = await keeper.snapshot();
  t.match(blobs, [{ reference, file: String }]);
  t.equal(readFileSync(blobs[0]?.file ?? '').length, reference.bytes);
});

t.test('a camera that is not there is told with its code, and the process lives on', { skip }, async (t) => {
  const source = join(t.testdir(), 'none.mp4');
  const { keeper, recorder, untilState } = keeperOf(t.testdir(), REAL_VISION, { source });
  t.teardown(() => keeper.close());
  keeper.start();
  await untilState(() => keeper.state().health['camera-front'] === 'failed');
  t.match(recorder.events, [{ data: { part: 'camera-front', state: 'failed', code: 'WP2402' } }]);
  keeper.setSource({ source: 'test://', loop: false });
  await untilState(() => keeper.state().health['camera-front'] === 'ok');
  t.equal(keeper.state().restarts, 0);
});

t.test('a report becomes an event with place, camera and picture, and the picture is sent', async (t) => {
  const folder = t.testdir();
  const picture = { file: 'object-1.png', mediaType: 'image/png', bytes: 70_000, sha256: HASH };
  const script = `say(${JSON.stringify({ ...REPORT, picture })}); orders(() => undefined)`;
  const { keeper, recorder, blobs } = keeperOf(folder, fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  const { data } = await recorder.until(({ type }) => type === 'wp.object.left.v1');
  t.ok(EVENT_DATA['wp.object.left.v1'].safeParse(data).success, 'it fits the wire');
  t.match(data, { place: { label: 'East hall' }, camera: 'front', objectId: 'object-1' });
  t.match(data.picture, { blobId: 'object-1', bytes: 70_000, pieces: 2, sha256: HASH });
  t.match(blobs, [{ file: join(folder, 'object-1.png') }]);
});

t.test('a picture outside the evidence folder is not sent, the event is', async (t) => {
  const picture = { file: '../../etc/passwd', mediaType: 'image/png', bytes: 10, sha256: HASH };
  const script = `say(${JSON.stringify({ ...REPORT, picture })}); orders(() => undefined)`;
  const { keeper, recorder, blobs } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  const { data } = await recorder.until(({ type }) => type === 'wp.object.left.v1');
  t.equal(data.picture, undefined);
  t.same(blobs, []);
});

t.test('garbage is skipped, and too much of it ends the process', async (t) => {
  const script = `
    reports.write('no json\\n{"kind":"unknown"}\\n');
    say(${JSON.stringify(REPORT)});
    orders(() => { for (let i = 0; i < 50; i++) reports.write('\\u0000{{{\\n'); });
  `;
  const { keeper, recorder } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  await recorder.until(({ type }) => type === 'wp.object.left.v1');
  const { data } = await recorder.until(({ type }) => type === 'wp.health.changed.v1');
  t.match(data, { part: 'vision', state: 'failed', code: 'WP2409' });
});

t.test('a flood without end of line neither fills memory nor stops the agent', async (t) => {
  const script = `
    const flood = () => { while (reports.write(Buffer.alloc(65536, 65))); reports.once('drain', flood); };
    orders(() => flood());
  `;
  const { keeper, recorder } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  await recorder.until(({ type }) => type === 'wp.health.changed.v1');
  t.ok(keeper.state().restarts >= 1, 'it was ended');
});

t.test('a thousand objects a minute are a fault, not events', async (t) => {
  const report = `{ ...${JSON.stringify(REPORT)}, objectId: 'object-' + i }`;
  const script = `orders(() => { for (let i = 0; i < 1000; i++) say(${report}); })`;
  const { keeper, recorder } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  const { data } = await recorder.until(({ type }) => type === 'wp.health.changed.v1');
  t.match(data, { code: 'WP2409' });
  t.equal(recorder.events.filter(({ type }) => type === 'wp.object.left.v1').length, 60);
});

t.test('a process that cannot be started is told and tried again later', async (t) => {
  const { keeper, recorder } = keeperOf(t.testdir(), ['/no/such/program']);
  t.teardown(() => keeper.close());
  keeper.start();
  const { data } = await recorder.until(({ type }) => type === 'wp.health.changed.v1');
  t.match(data, { part: 'vision', state: 'failed', code: 'WP2406' });
});

t.test('a restart that was ordered is at once and is no fault', async (t) => {
  const script = 'beat(); setInterval(beat, 20); orders(() => undefined)';
  const { keeper, recorder, untilState } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  await untilState(() => keeper.state().health.vision === 'ok');
  const before = keeper.state().pid;
  keeper.restart();
  keeper.setSource({ source: 'test://', loop: false });
  await t.rejects(keeper.snapshot(500), { code: 'WP2407' });
  t.not(keeper.state().pid, before);
  t.same(recorder.events, []);
});
