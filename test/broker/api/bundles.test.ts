import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { UPLOAD_PIECE_BYTES } from '#contract/fleet.ts';
import { bundleOf, firstChain, newKeys } from '#test/contract/bundle/kit.ts';
import { apiSide, TOKENS } from '../support/api.ts';
import { PILLAR, type Teardown } from '../support/desk.ts';

const keys = newKeys();
const chain = firstChain(keys);
const signers = [keys.targets[0], keys.targets[1]];
// Larger than one request, so that it comes in pieces.
const voice = Buffer.alloc(UPLOAD_PIECE_BYTES + 1000, 'sound');
const content = new Map([
  ['profile.json', Buffer.from('{"profileVersion":1}')],
  ['voice/en/alarm.sent.wav', voice],
]);
const bundle = bundleOf({ chain, signers, content });
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const sha256 = sha256Of(bundle);

/** A site that knows who may sign, and uploads to it. */
async function uploading(t: Teardown, root: object | null = chain) {
  const side = await apiSide(t);
  const folder = dirname(side.shelf.fileOf(sha256));
  if (root !== null) writeFileSync(join(dirname(folder), 'bundle-root.json'), JSON.stringify(root));
  const upload = async (
    bytes: Buffer,
    from: number,
    { as = 'technician', of = bytes, name = sha256Of(of) }: UploadSetting = {},
  ) => {
    const answer = await fetch(`${side.url}/api/v1/bundles?sha256=${name}&bytes=${of.length}&from=${from}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKENS[as]}`, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    return { status: answer.status, json: Object(await answer.json()) };
  };
  const all = async (bytes: Buffer, setting: UploadSetting = {}) => {
    let last = { status: 0, json: Object(null) };
    for (let from = 0; from < bytes.length; from += UPLOAD_PIECE_BYTES) {
      last = await upload(bytes.subarray(from, from + UPLOAD_PIECE_BYTES), from, { ...setting, of: bytes });
    }
    return last;
  };
  return { ...side, folder, upload, all };
}

interface UploadSetting {
  readonly as?: keyof typeof TOKENS;
  readonly of?: Buffer;
  readonly name?: string;
}

t.test('a bundle is brought in pieces, verified, listed, and removed', async (t) => {
  const { upload, call, folder, shelf } = await uploading(t);
  const first = bundle.subarray(0, UPLOAD_PIECE_BYTES);
  t.match(await upload(first, 0, { of: bundle }), {
    status: 202,
    json: { from: first.length, bundle: null },
  });
  t.match(
    await upload(first, 0, { of: bundle }),
    { status: 202, json: { from: first.length } },
    'sent again',
  );
  const last = await upload(bundle.subarray(first.length), first.length, { of: bundle });
  t.match(last, {
    status: 201,
    json: { bundle: { sha256, device: 'mall.pillar-001', generation: 7, uploadedBy: 'Tao' } },
  });
  t.ok(readFileSync(shelf.fileOf(sha256)).equals(bundle));
  t.match((await call('bundles', { as: 'auditor' })).json, { items: [{ sha256, bytes: bundle.length }] });
  t.match(await upload(first, 0, { of: bundle }), { status: 201 }, 'and once it is there');
  t.equal((await call(`bundles/${sha256}`, { method: 'DELETE', as: 'dispatcher' })).status, 403);
  t.equal((await call(`bundles/${sha256}`, { method: 'DELETE' })).status, 204);
  t.same(readdirSync(folder), []);
  t.equal((await call(`bundles/${sha256}`, { method: 'DELETE' })).status, 404);
});

t.test('what devices would refuse is not taken, and nothing of it stays', async (t) => {
  const { all, folder } = await uploading(t);
  const changed = Buffer.from(bundle);
  changed[changed.length - 1] = 0;
  const others = firstChain(newKeys());
  const cases: [string, Buffer][] = [
    ['WP4109', changed],
    ['WP4101', bundle.subarray(0, -1)],
    ['WP4102', bundleOf({ chain, signers: [keys.targets[0]], content })],
    ['WP4104', bundleOf({ chain: others, signers: [], content })],
    ['WP4107', bundleOf({ chain, signers, content, plan: { expiresMs: Date.UTC(2025, 0, 1) } })],
    ['WP4101', Buffer.from('no bundle')],
  ];
  for (const [code, bytes] of cases) t.match(await all(bytes), { status: 400, json: { code } }, code);
  t.match(await all(bundle, { name: 'a'.repeat(64) }), { status: 400, json: { code: 'WP3704' } });
  t.same(readdirSync(folder), []);
});

t.test('only those may bring it who may provision, and no more than it was said to have', async (t) => {
  const { upload, shelf } = await uploading(t);
  t.match(await upload(bundle.subarray(0, 10), 0, { as: 'dispatcher', of: bundle }), { status: 403 });
  t.match(await upload(Buffer.alloc(11), 0, { of: Buffer.alloc(10), name: sha256 }), {
    json: { code: 'WP3704' },
  });
  t.match(await upload(Buffer.alloc(UPLOAD_PIECE_BYTES + 1), 0, { of: bundle }), { status: 413 });
  t.notOk(existsSync(shelf.fileOf(sha256)));
});

t.test('a site without a root of its own checks that a bundle is whole', async (t) => {
  const { all } = await uploading(t, null);
  t.match(await all(bundle), { status: 201 });
  const changed = Buffer.from(bundle);
  changed[changed.length - 1] = 0;
  t.match(await all(changed), { status: 400, json: { code: 'WP4109' } });
});

t.test('a root that cannot be read is said, for nothing could be verified', async (t) => {
  const { all } = await uploading(t, { roots: [] });
  t.match(await all(bundle), { status: 500, json: { code: 'WP3701' } });
});

t.test('a roll-out is begun, shown, paused and ended over HTTP, by those who may', async (t) => {
  const { all, call, devices } = await uploading(t);
  await all(bundle);
  devices.put({ ...PILLAR, online: false });
  const body = { bundles: [sha256], name: 'spring' };
  t.equal((await call('rollouts', { body, as: 'dispatcher' })).status, 403);
  t.match((await call('rollouts', { body: { ...body, canary: 0 } })).json, { code: 'WP3400' });
  t.match((await call('rollouts', { body: { ...body, percent: [50, 10] } })).json, { code: 'WP3400' });
  const begun = await call('rollouts', { body, as: 'technician' });
  t.match(begun, {
    status: 201,
    json: { id: 1, name: 'spring', state: 'running', stages: 1, createdBy: 'Tao' },
  });
  t.match((await call(`bundles/${sha256}`, { method: 'DELETE' })).json, { code: 'WP3707' });
  t.match((await call('devices/mall.pillar-001/bundle', { body: { sha256 } })).json, { code: 'WP3712' });
  t.match((await call('rollouts/1/pause', { method: 'POST' })).json, { state: 'paused' });
  t.match((await call('rollouts/1/resume', { body: { failed: 'retried' } })).json, { state: 'running' });
  t.match((await call('rollouts/1/abort', { method: 'POST' })).json, {
    state: 'aborted',
    members: [{ state: 'withdrawn' }],
  });
  t.match(await call('rollouts/1/abort', { method: 'POST' }), { status: 409, json: { code: 'WP3713' } });
  t.match(await call('rollouts/2', {}), { status: 404, json: { code: 'WP3711' } });
  t.match((await call('rollouts', { as: 'auditor' })).json, { items: [{ id: 1 }] });
  t.match(await call('devices/mall.pillar-001/bundle', { body: { sha256 } }), {
    status: 201,
    json: { id: 2 },
  });
  t.match((await call('fleet', { as: 'auditor' })).json, {
    items: [{ id: 'mall.pillar-001', drift: 'on-its-way', wanted: { generation: 7, state: 'waiting' } }],
  });
});
