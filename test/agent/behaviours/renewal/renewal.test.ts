import t, { type Test } from 'tap';
import { Renewal } from '#agent/behaviours/renewal/renewal.ts';
import type { Exchange } from '#agent/ports/identity.ts';
import type { PartHealth } from '#agent/ports/makers.ts';
import { FakeLink, FakeRecorder, ManualDeviceClock, silentLog } from '../fakes.ts';

const NEW = { serial: 'aa', expiresAt: '2028-01-01T00:00:00.000Z', keyIn: 'file' } as const;

function fixture(t: Test) {
  const [link, clock, recorder] = [new FakeLink(), new ManualDeviceClock(), new FakeRecorder()];
  const health: PartHealth[] = [];
  const site = { isQuiet: true, exchange: 'none' as Exchange };
  const renewal = new Renewal({
    ...{ link, clock, recorder, log: silentLog },
    identity: {
      certificate: NEW,
      request: async () => 'a request',
      install: async () => NEW,
      cameIn: () => site.exchange,
    },
    isQuiet: () => site.isQuiet,
    onHealth: (part) => health.push(part),
  });
  renewal.start();
  t.teardown(() => renewal.close());
  return { renewal, link, clock, recorder, health, site };
}

t.test('the connection is exchanged when the answer is out and nobody waits for help', async (t) => {
  const { renewal, link, clock, site } = fixture(t);
  t.strictSame(await renewal.request(), { csr: 'a request' });
  site.isQuiet = false;
  t.match(await renewal.install({ pem: 'one' }), { serial: 'aa' });
  t.equal(link.reconnected, 0);
  await clock.advance(60_000);
  t.equal(link.reconnected, 0, 'an alarm is open');
  site.isQuiet = true;
  await clock.advance(5_000);
  t.equal(link.reconnected, 1);
  await clock.advance(60_000);
  t.equal(link.reconnected, 1, 'once');
});

t.test('what the site says of it is told: let in, or given back', async (t) => {
  const { link, recorder, health, site } = fixture(t);
  link.setState('up');
  t.strictSame(recorder.events, [], 'nothing was exchanged');
  site.exchange = 'renewed';
  link.setState('up');
  t.match(recorder.events, [{ type: 'wp.identity.renewed.v1', data: { serial: 'aa' } }]);
  t.match(health, [{ state: 'ok' }]);
  site.exchange = 'given-back';
  link.setState('up');
  t.equal(recorder.events.length, 1);
  t.match(health.at(-1), { state: 'degraded', code: 'WP4423' });
});

t.test('what is put off is tried once more after the site had its time', async (t) => {
  const { link, clock, recorder, site } = fixture(t);
  site.exchange = 'put-off';
  link.setState('up');
  t.strictSame(recorder.events, []);
  await clock.advance(19_000);
  t.equal(link.reconnected, 0);
  await clock.advance(1_000);
  t.equal(link.reconnected, 1);
});

t.test('a device that is closed exchanges no connection any more', async (t) => {
  const { renewal, link, clock } = fixture(t);
  await renewal.install({ pem: 'one' });
  renewal.close();
  await clock.advance(60_000);
  t.equal(link.reconnected, 0);
});
