import t from 'tap';
import { RolloutBody } from '#contract/fleet.ts';
import { FleetSite } from '../support/fleet.ts';

const MINUTE_MS = 60_000;

/** Two devices, the second behind the first; the first is on trial. */
async function onTrial(t: { teardown(end: () => Promise<void>): void }, rules: object = {}) {
  const site = new FleetSite(t);
  const { devices, bundles } = await site.many(2);
  const [first, second] = devices;
  if (first === undefined || second === undefined) throw new RangeError('two devices');
  const body = RolloutBody.parse({ bundles, rules: { soakS: 0, answerMin: 10, ...rules } });
  const { id } = await site.rollouts.begin(body, 'Tao');
  await site.until('the canary tries it', () => site.states()['p-1'] === 'trial');
  return { site, id, first, second };
}

t.test(
  'a device that never comes back from its trial halts the roll-out, with a code of its own',
  async (t) => {
    const { site, id, first, second } = await onTrial(t);
    first.go('away');
    await site.clock.advance(9 * MINUTE_MS);
    t.equal(site.states()['p-1'], 'trial');
    await site.clock.advance(2 * MINUTE_MS);
    t.match(site.rollouts.get(id), {
      state: 'halted',
      reason: /p-1 with WP3716/,
      members: [{ state: 'failed', code: 'WP3716', detail: /away/ }],
    });
    t.match(site.said, [{ device: 'mall.p-1', data: { code: 'WP3716', untouched: 1 } }]);
    t.same(second.orders, []);
  },
);

t.test(
  'what it says late holds: it is no failure, and none that comes later is forgiven for it',
  async (t) => {
    const { site, id, first, second } = await onTrial(t);
    first.go('away');
    await site.clock.advance(11 * MINUTE_MS);
    t.equal(site.rollouts.get(id).state, 'halted');
    await site.rollouts.resume(id, 'Tao', 'left');
    first.go('back');
    await site.clock.advance(MINUTE_MS);
    t.equal(site.states()['p-1'], 'failed', 'it still tries it');
    await first.confirm();
    await site.until('the second has its turn', () => site.states()['p-2'] === 'trial');
    t.equal(site.states()['p-1'], 'confirmed');
    await second.reject('WP4216');
    await site.until('it halts', () => site.rollouts.get(id).state === 'halted');
  },
);

t.test('a late refusal has the code of the device, also while nobody here was listening', async (t) => {
  for (const way of ['told', 'seen'] as const) {
    const { site, id, first } = await onTrial(t);
    first.go('away');
    await site.clock.advance(11 * MINUTE_MS);
    t.equal(site.states()['p-1'], 'failed');
    if (way === 'seen') first.say = async () => undefined;
    first.online = true;
    await first.reject('WP4215');
    await site.until(way, () => site.states()['p-1'] === 'rejected');
    t.match(site.rollouts.get(id), { state: 'halted', members: [{ code: 'WP4215' }] });
  }
});

t.test('one that went away when it was ordered to install is not waited for without end', async (t) => {
  const site = new FleetSite(t);
  const device = site.device('p-1');
  const { sha256 } = await site.bundle(device);
  const obey = device.obey.bind(device);
  device.obey = (command) => {
    const answer = obey(command);
    if (command.name === 'install') {
      device.bundle = { generation: 1, digest: 'd1', slot: 'a', state: 'confirmed', last: null };
      device.go('away');
      return { ok: false, code: 'WP3405' };
    }
    return answer;
  };
  const { id } = await site.rollouts.sendTo(device.address, sha256, 'Tao');
  await site.until('it waits', () => site.rollouts.get(id).members[0]?.code === 'WP3405');
  await site.clock.advance(29 * MINUTE_MS);
  t.equal(site.states()['p-1'], 'waiting');
  await site.clock.advance(2 * MINUTE_MS);
  t.match(site.rollouts.get(id), { state: 'halted', members: [{ state: 'failed', code: 'WP3716' }] });
});

t.test(
  'a site that was down gives its devices time to connect; a clock that is set changes nothing',
  async (t) => {
    const { site, first } = await onTrial(t);
    first.go('away');
    await site.rollouts.close();
    await site.clock.advance(60 * MINUTE_MS);
    await site.restart();
    await site.clock.advance(4 * MINUTE_MS);
    t.equal(site.states()['p-1'], 'trial', 'it may not be connected yet');
    site.clock.setWall(site.clock.wallMs() + 365 * 24 * 60 * MINUTE_MS);
    await site.clock.advance(1000);
    t.equal(site.states()['p-1'], 'trial');
    await site.clock.advance(2 * MINUTE_MS);
    t.equal(site.states()['p-1'], 'failed');
  },
);

t.test('a device where somebody calls for help is waited for until that is over', async (t) => {
  const { site, first } = await onTrial(t);
  first.panic = 'received';
  first.tell();
  await site.clock.advance(60 * MINUTE_MS);
  t.equal(site.states()['p-1'], 'trial');
  first.panic = 'idle';
  first.tell();
  await site.clock.advance(11 * MINUTE_MS);
  t.match(site.rollouts.get(1).members[0], { state: 'failed', detail: /still tries/ });
});
