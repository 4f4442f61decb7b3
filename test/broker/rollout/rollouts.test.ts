import t from 'tap';
import { deleteBundle } from '#broker/rollout/bundle-rows.ts';
import { BUNDLE_PIECE_BYTES } from '#contract/fetch.ts';
import { RolloutBody } from '#contract/fleet.ts';
import { FleetSite } from '../support/fleet.ts';

const bodyOf = (bundles: string[], body: object = {}) =>
  RolloutBody.parse({ bundles, rules: { soakS: 60 }, ...body });

/** Three devices, one after another. */
async function three(t: { teardown(end: () => Promise<void>): void }, body: object = { percent: [60] }) {
  const site = new FleetSite(t);
  const { devices, bundles } = await site.many(3);
  const [first, second, third] = devices;
  if (first === undefined || second === undefined || third === undefined)
    throw new RangeError('three devices');
  const { id } = await site.rollouts.begin(bodyOf(bundles, body), 'Tao');
  return { site, id, bundles, first, second, third };
}

t.test('three devices get their bundles one stage after another', async (t) => {
  const { site, first, second, third } = await three(t);
  await site.until('the canary tries it', () => site.states()['p-1'] === 'trial');
  t.same(site.states(), { 'p-1': 'trial', 'p-2': 'waiting', 'p-3': 'waiting' });
  t.same(first.orders, ['fetch-bundle', 'fetch-bundle', 'install']);
  t.same(first.pieces, [0, 1, 2]);
  await site.clock.advance(200_000);
  t.same(second.orders, [], 'nobody else before it is confirmed');
  await first.confirm();
  await site.clock.advance(59_000);
  t.same(second.orders, [], 'nor before it was for long enough');
  await site.until('the second tries it', () => site.states()['p-2'] === 'trial');
  t.same(third.orders, []);
  await second.confirm();
  await site.until('the third tries it', () => site.states()['p-3'] === 'trial');
  await third.confirm();
  await site.until('all have it', () => site.rollouts.get(1).state === 'finished');
  t.same(site.states(), { 'p-1': 'confirmed', 'p-2': 'confirmed', 'p-3': 'confirmed' });
  t.same(site.said, []);
  t.same(
    site.fleet.list().map(({ drift }) => drift),
    ['as-wanted', 'as-wanted', 'as-wanted'],
  );
});

t.test('a canary that goes back halts it by itself, and nobody else is touched', async (t) => {
  const { site, first, second, third } = await three(t);
  await site.until('the canary tries it', () => site.states()['p-1'] === 'trial');
  await first.reject('WP4216');
  await site.until('it halts', () => site.rollouts.get(1).state === 'halted');
  await site.clock.advance(300_000);
  t.same([second.orders, third.orders], [[], []]);
  t.match(site.rollouts.get(1), { reason: /p-1 with WP4216/, stage: 0 });
  t.match(site.said, [
    { device: 'mall.p-1', type: 'wp.rollout.halted.v1', data: { rollout: 1, code: 'WP4216', untouched: 2 } },
  ]);
  t.equal(site.said.length, 1);
  t.same(
    site.fleet.list().map(({ drift }) => drift),
    ['rejected', 'on-its-way', 'on-its-way'],
  );
});

t.test('a halted one goes on when somebody says so: past the failure, or with another try', async (t) => {
  const { site, first, second } = await three(t);
  await site.until('the canary tries it', () => site.states()['p-1'] === 'trial');
  await first.reject();
  await site.until('it halts', () => site.rollouts.get(1).state === 'halted');
  await site.rollouts.resume(1, 'Tao', 'retried');
  await site.until('it is tried once more', () => site.states()['p-1'] === 'trial');
  await first.reject();
  await site.until('it halts again', () => site.rollouts.get(1).state === 'halted');
  t.equal(site.said.length, 2);
  await site.rollouts.resume(1, 'Tao', 'left');
  await site.clock.advance(200_000);
  t.same(second.orders, [], 'no stage goes on of which nobody is well');
  t.equal(site.rollouts.get(1).state, 'running');
});

t.test('a device that refuses the bundle halts it with its own code', async (t) => {
  const { site, first, second } = await three(t);
  first.refuses = 'WP4108';
  await site.until('it halts', () => site.rollouts.get(1).state === 'halted');
  t.match(site.rollouts.get(1).members[0], { state: 'failed', code: 'WP4108', detail: /does not fit/ });
  t.same(second.orders, []);
});

t.test('a device that is away waits and gets it when it comes', async (t) => {
  const { site, first } = await three(t, { canary: 3, percent: [] });
  first.go('away');
  await site.until(
    'the others have it',
    () => Object.values(site.states()).filter((s) => s === 'trial').length === 2,
  );
  await site.clock.advance(200_000);
  t.equal(site.states()['p-1'], 'waiting');
  first.go('back');
  await site.until('it tries it', () => site.states()['p-1'] === 'trial');
});

t.test('a link that is cut goes on where the device is', async (t) => {
  const site = new FleetSite(t);
  const device = site.device('p-1');
  const { sha256 } = await site.bundle(device, { bytes: 9 * BUNDLE_PIECE_BYTES + 1 });
  device.onPiece = (piece) => {
    if (piece === 5 && device.boot === 1) device.go('away');
  };
  await site.rollouts.sendTo(device.address, sha256, 'Tao');
  await site.until('it is cut', () => !device.online);
  await site.until('it waits', () => site.states()['p-1'] === 'waiting');
  t.match(site.rollouts.get(1).members[0], { code: 'WP3405' });
  device.onPiece = () => undefined;
  device.go('back');
  await site.until('it tries it', () => site.states()['p-1'] === 'trial');
  t.same(device.pieces, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'each piece was taken once');
  await device.confirm();
  await site.until('it has it', () => site.rollouts.get(1).state === 'finished');
});

t.test('a site that is started anew goes on where it was, at any point', async (t) => {
  const { site, first, second, third } = await three(t);
  const held = Promise.withResolvers<void>();
  first.onPiece = (piece) => (piece === 1 ? held.promise : undefined);
  await site.until('the first is sent to', () => first.pieces.length === 1);
  const restarted = site.restart();
  held.resolve();
  await restarted;
  first.onPiece = () => undefined;
  await site.until('it tries it', () => site.states()['p-1'] === 'trial');
  await site.restart();
  await first.confirm();
  await site.restart();
  await site.until('the second tries it', () => site.states()['p-2'] === 'trial');
  // What a device did while nobody was listening is read from its state.
  await site.rollouts.close();
  if (second.bundle !== null) second.bundle = { ...second.bundle, state: 'confirmed' };
  second.tell();
  await site.restart();
  await site.until('the third tries it', () => site.states()['p-3'] === 'trial');
  await third.confirm();
  await site.until('all have it', () => site.rollouts.get(1).state === 'finished');
  t.same(
    [first, second, third].map(({ orders }) => orders.filter((order) => order === 'install').length),
    [1, 1, 1],
  );
});

t.test('what a killed site left as being sent or installed is begun again', async (t) => {
  for (const left of ['sending', 'installing']) {
    const site = new FleetSite(t);
    const device = site.device('p-1');
    const { sha256 } = await site.bundle(device);
    device.go('away');
    await site.rollouts.sendTo(device.address, sha256, 'Tao');
    await site.rollouts.close();
    site.db.sql.prepare('UPDATE rollout_device SET state = ?').run(left);
    await site.restart();
    device.go('back');
    await site.until('it tries it', () => site.states()['p-1'] === 'trial');
    t.equal(device.orders.filter((order) => order === 'install').length, 1, left);
  }
});

t.test(
  'a trial that ended while the site was down is known by what the device says of its last',
  async (t) => {
    const { site, first, second } = await three(t);
    await site.until('the canary tries it', () => site.states()['p-1'] === 'trial');
    first.bundle = {
      generation: 1,
      digest: 'd1',
      slot: 'a',
      state: 'confirmed',
      last: { generation: 2, code: 'WP4213' },
    };
    first.boot -= 1;
    first.tell();
    await site.clock.advance(5_000);
    t.equal(site.states()['p-1'], 'trial', 'it may be what it said before the trial');
    first.boot += 1;
    first.tell();
    await site.until('it halts', () => site.rollouts.get(1).state === 'halted');
    t.match(site.rollouts.get(1).members[0], { state: 'rejected', code: 'WP4213' });
    t.same(second.orders, []);
  },
);

t.test('a device that has it already is passed over', async (t) => {
  const site = new FleetSite(t);
  const { devices, bundles } = await site.many(2);
  const [first] = devices;
  if (first === undefined) throw new RangeError('a device');
  const { digest } = site.shelf.get(bundles[0] ?? '');
  first.bundle = { generation: 2, digest, slot: 'a', state: 'confirmed', last: null };
  first.tell();
  await site.rollouts.begin(bodyOf(bundles), 'Tao');
  await site.until('the second tries it', () => site.states()['p-2'] === 'trial');
  t.equal(site.states()['p-1'], 'skipped');
  t.same(first.orders, []);
});

t.test('no more devices at once than it may', async (t) => {
  const site = new FleetSite(t);
  const { devices, bundles } = await site.many(5);
  await site.rollouts.begin(bodyOf(bundles, { canary: 5, rules: { atOnce: 2 } }), 'Tao');
  await site.until(
    'two try it',
    () => Object.values(site.states()).filter((s) => s === 'trial').length === 2,
  );
  await site.clock.advance(60_000);
  t.equal(devices.filter(({ orders }) => orders.length > 0).length, 2);
  await devices[0]?.confirm();
  await site.until('a third', () => devices.filter(({ orders }) => orders.length > 0).length === 3);
});

t.test('nobody is sent a bundle while somebody calls for help there', async (t) => {
  const { site, first } = await three(t);
  first.panic = 'received';
  first.tell();
  await site.clock.advance(100_000);
  t.same(first.orders, []);
  first.panic = 'idle';
  first.tell();
  await site.until('it tries it', () => site.states()['p-1'] === 'trial');
});

t.test('a press in the middle leaves the device alone until it is over', async (t) => {
  const site = new FleetSite(t);
  const device = site.device('p-1');
  const { sha256 } = await site.bundle(device, { bytes: 20 * BUNDLE_PIECE_BYTES });
  device.onPiece = (piece) => {
    if (piece !== 3) return;
    device.panic = 'sent';
    device.tell();
  };
  await site.rollouts.sendTo(device.address, sha256, 'Tao');
  await site.until('it waits', () => site.states()['p-1'] === 'waiting' && device.pieces.length > 0);
  t.ok(device.pieces.length <= 7, `${device.pieces.length} pieces were on their way`);
  await site.clock.advance(60_000);
  t.notOk(device.orders.includes('install'));
  device.onPiece = () => undefined;
  device.panic = 'idle';
  device.tell();
  await site.until('it tries it', () => site.states()['p-1'] === 'trial');
});

t.test('it can be paused, gone on with and ended', async (t) => {
  const { site, id, first, second } = await three(t);
  await site.until('the canary tries it', () => site.states()['p-1'] === 'trial');
  await site.rollouts.pause(id, 'Tao');
  await first.confirm();
  await site.clock.advance(200_000);
  t.same(site.states(), { 'p-1': 'confirmed', 'p-2': 'waiting', 'p-3': 'waiting' }, 'what was begun ends');
  await t.rejects(site.rollouts.pause(id, 'Tao'), { code: 'WP3713' });
  await site.rollouts.resume(id, 'Tao', 'left');
  await site.until('the second tries it', () => site.states()['p-2'] === 'trial');
  await site.rollouts.abort(id, 'Tao');
  await second.confirm();
  await site.clock.advance(200_000);
  t.same(site.states(), { 'p-1': 'confirmed', 'p-2': 'confirmed', 'p-3': 'withdrawn' });
  await t.rejects(site.rollouts.resume(id, 'Tao', 'left'), { code: 'WP3713' });
  t.equal(site.fleet.list()[2]?.drift, 'unmanaged', 'whoever was spared is as before');
});

t.test('a bundle that ended meanwhile halts it', async (t) => {
  const site = new FleetSite(t);
  const device = site.device('p-1');
  const expiresAt = new Date(site.clock.wallMs() + 200_000).toISOString();
  const { sha256 } = await site.bundle(device, { expiresAt });
  device.go('away');
  await site.rollouts.sendTo(device.address, sha256, 'Tao');
  await site.clock.advance(200_000);
  device.go('back');
  await site.until('it halts', () => site.rollouts.get(1).state === 'halted');
  t.match(site.said, [{ data: { code: 'WP4107' } }]);
  t.same(device.orders, []);
});

t.test('what makes no roll-out is refused before anything is begun', async (t) => {
  const site = new FleetSite(t);
  const { devices, bundles } = await site.many(2);
  const [first] = devices;
  if (first === undefined) throw new RangeError('a device');
  const expired = await site.bundle(first, { generation: 3, expiresAt: '2027-01-01T00:00:00.000Z' });
  const stranger = await site.bundle({ id: 'mall.nobody' });
  const cases: [string, string[]][] = [
    ['WP3702', ['0'.repeat(64)]],
    ['WP4107', [expired.sha256]],
    ['WP3404', [stranger.sha256]],
    ['WP3708', [...bundles, expired.sha256]],
  ];
  for (const [code, list] of cases) await t.rejects(site.rollouts.begin(bodyOf(list), 'Tao'), { code }, code);
  const other = devices[1]?.address ?? first.address;
  await t.rejects(site.rollouts.sendTo(other, bundles[0] ?? '', 'Tao'), { code: 'WP4105' });
  t.same(site.rollouts.list(), []);
  await site.rollouts.begin(bodyOf(bundles), 'Tao');
  await t.rejects(site.rollouts.begin(bodyOf(bundles), 'Tao'), { code: 'WP3712' });
});

t.test('an older generation is not sent at all', async (t) => {
  const site = new FleetSite(t);
  const device = site.device('p-1');
  device.bundle = { generation: 9, digest: 'd9', slot: 'a', state: 'confirmed', last: null };
  device.tell();
  const { sha256 } = await site.bundle(device);
  await site.rollouts.sendTo(device.address, sha256, 'Tao');
  await site.until('it halts', () => site.rollouts.get(1).state === 'halted');
  t.match(site.rollouts.get(1).members[0], { state: 'failed', code: 'WP4106' });
  t.same(device.orders, []);
  t.equal(site.fleet.list()[0]?.drift, 'ahead');
});

t.test('a device that goes back during the soak halts it', async (t) => {
  const { site, first, second } = await three(t);
  await site.until('the canary tries it', () => site.states()['p-1'] === 'trial');
  await first.confirm();
  await site.clock.advance(5_000);
  first.bundle = { generation: 1, digest: 'd1', slot: 'a', state: 'confirmed', last: null };
  first.tell();
  await site.until('it halts', () => site.rollouts.get(1).state === 'halted');
  t.match(site.rollouts.get(1).members[0], { state: 'rejected', code: 'WP3715' });
  t.same(second.orders, []);
});

t.test('a device that never answers, and one that gets nowhere, fail after some tries', async (t) => {
  const site = new FleetSite(t);
  const device = site.device('p-1');
  const { sha256 } = await site.bundle(device);
  // It says that it takes them, and keeps none.
  device.onPiece = () => {
    if (device.arriving !== null) device.arriving = { ...device.arriving, content: [] };
  };
  device.take = async (piece) => device.onPiece(piece);
  await site.rollouts.sendTo(device.address, sha256, 'Tao');
  await site.until('it halts', () => site.rollouts.get(1).state === 'halted', 20_000);
  t.match(site.rollouts.get(1).members[0], { state: 'failed', code: 'WP3706' });
});

t.test('a bundle that somebody removes in that moment is in no roll-out', async (t) => {
  const site = new FleetSite(t);
  const { sha256 } = await site.bundle(site.device('p-1'), { bytes: 10 });
  const removed = site.shelf.remove(sha256, 'Mei');
  await t.rejects(site.rollouts.begin(bodyOf([sha256]), 'Tao'), { code: 'WP3702' });
  await removed;
  t.same(site.rollouts.list(), []);
});

t.test('a roll-out that cannot go on keeps no other from it', async (t) => {
  const site = new FleetSite(t);
  const [one, other] = [site.device('p-1'), site.device('p-2')];
  const lost = await site.bundle(one, { bytes: 10 });
  const { sha256 } = await site.bundle(other, { bytes: 10 });
  one.go('away');
  await site.rollouts.begin(bodyOf([lost.sha256]), 'Tao');
  await site.db.commit((sql) => deleteBundle(sql, lost.sha256));
  one.go('back');
  await site.rollouts.begin(bodyOf([sha256]), 'Tao');
  await site.until('the other tries it', () => site.rollouts.get(2).members[0]?.state === 'trial');
  t.equal(site.rollouts.get(1).members[0]?.state, 'waiting');
});
