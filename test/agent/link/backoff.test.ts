import { Duplex } from 'node:stream';
import t from 'tap';
import { MqttLink } from '#agent/link/mqtt-link.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { seeded } from '#test/support/random.ts';
import { KeptLog } from '../core/support/device.ts';
import { KeptTraffic, MapMemory } from './support/link-parts.ts';

const DEVICES = 1000;

/** A network that is down. */
function refused(): Duplex {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => stream.destroy(Object.assign(new RangeError('refused'), { code: 'ECONNREFUSED' })));
  return stream;
}

t.test('a thousand devices do not come back in one second', async (t) => {
  const clock = new ManualClock();
  const random = seeded(20261122);
  const attempts: number[] = [];
  const links = Array.from({ length: DEVICES }, (_, n) => {
    const transport = {
      open: () => {
        attempts.push(clock.monoMs());
        return refused();
      },
    };
    return new MqttLink({
      address: { site: 'demo', device: `pillar-${n}` },
      urls: ['mqtt://127.0.0.1:1'],
      transport,
      traffic: new KeptTraffic(),
      state: () => ({}),
      memory: new MapMemory(),
      clock,
      log: new KeptLog(),
      keepaliveS: 20,
      backoffMaxS: 60,
      random: () => random(1_000_000) / 1_000_000,
    });
  });
  for (const link of links) link.start();
  await clock.advance(120_000);
  await Promise.all(links.map((link) => link.close()));
  const returns = attempts.filter((atMs) => atMs > 0);
  const seconds = Map.groupBy(returns, (atMs) => Math.floor(atMs / 1000));
  const busiest = Math.max(...[...seconds.values()].map((list) => list.length));
  t.ok(busiest < DEVICES * 0.3, `at most ${busiest} in one second`);
  const late = returns.filter((atMs) => atMs > 60_000);
  t.ok(late.length < DEVICES * 4, `${late.length} attempts in the second minute: the waits have grown`);
  t.ok(late.length > DEVICES, 'and nobody has given up');
  t.equal(clock.pending, 0);
});
