import t from 'tap';
import { OrderBacklog } from '#agent/behaviours/detection/order-backlog.ts';
import { fakeVision, keeperOf } from './fixture.ts';

t.test('of each order the newest is kept, in the order in which they were given', async (t) => {
  const backlog = new OrderBacklog();
  backlog.add({ kind: 'source', source: 'a.mp4', loop: false }, 0);
  backlog.add({ kind: 'pose', pose: { still: false } }, 1);
  backlog.add({ kind: 'release', input: 'door' }, 2);
  backlog.add({ kind: 'source', source: 'b.mp4', loop: true }, 3);
  backlog.add({ kind: 'snapshot', requestId: 'x' }, 4);
  backlog.add({ kind: 'pose', pose: { still: true } }, 5);
  t.same(backlog.take(10), [
    { kind: 'release', input: 'door' },
    { kind: 'source', source: 'b.mp4', loop: true },
    { kind: 'pose', pose: { still: true } },
  ]);
  t.ok(backlog.isEmpty);
});

t.test('a release that is over is not given any more', async (t) => {
  const backlog = new OrderBacklog();
  backlog.add({ kind: 'release', input: 'old' }, 0);
  backlog.add({ kind: 'release', input: 'new' }, 50_000);
  t.same(backlog.take(61_000), [{ kind: 'release', input: 'new' }]);
});

t.test('however many inputs there are, it is bounded', async (t) => {
  const backlog = new OrderBacklog();
  for (let i = 0; i < 10_000; i++) backlog.add({ kind: 'release', input: `door-${i}` }, i);
  t.ok(backlog.take(10_000).length < 100);
});

t.test('a process that reads nothing for a while hears the newest of each order afterwards', async (t) => {
  // It says what it heard as objects; it begins to read when its parent has given every order.
  const script = `
    const object = (reason) => ({ kind: 'object', change: 'updated', objectId: 'o', t: 1, since: 0, box: [0, 0, 1, 1],
      score: 1, reason });
    process.on('SIGUSR2', () => orders((order) => {
      const what = order.source ?? order.input ?? order.config?.source ?? '';
      if (!/x-[0-9]+[.]mp4$/.test(what) || /-3999[.]mp4$/.test(what)) say(object(order.kind + ' ' + what));
    }));
    setInterval(beat, 1000);
    say(object('ready'));
  `;
  const { keeper, recorder } = keeperOf(t.testdir(), fakeVision(script));
  t.teardown(() => keeper.close());
  keeper.start();
  const heard = () => recorder.events.map(({ data }) => data.reason);
  await recorder.until(({ data }) => data.reason === 'ready');
  // Far more than a pipe and the agent's own buffer hold.
  for (let i = 0; i < 4000; i++) keeper.setSource({ source: `${'x'.repeat(200)}-${i}.mp4`, loop: false });
  keeper.release('lock');
  keeper.setSource({ source: 'last.mp4', loop: false });
  const { pid } = keeper.state();
  if (pid === null) throw new Error('it must run');
  process.kill(pid, 'SIGUSR2');
  await recorder.until(({ data }) => data.reason === 'source last.mp4');
  t.ok(heard().includes('release lock'), 'the release is not lost');
  t.notOk(
    heard().some((reason) => String(reason).endsWith('-3999.mp4')),
    'what is out of date is left out',
  );
  t.ok(heard().indexOf('start test://') < heard().indexOf('release lock'));
});
