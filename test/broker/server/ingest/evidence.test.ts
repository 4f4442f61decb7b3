import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { upBlobTopic } from '#contract/topics.ts';
import { pillar, place, startSite, type TestDevice, type TestSite } from '../test-site.ts';

const PIECE = 64 * 1024;
const picture = randomBytes(PIECE * 2 + 100);
const reference = {
  blobId: 'pic-1',
  mediaType: 'image/png',
  bytes: picture.length,
  pieces: 3,
  sha256: createHash('sha256').update(picture).digest('hex'),
};
const objectLeft = {
  ...{
    place,
    objectId: 'o-1',
    box: [0, 0, 0.1, 0.1],
    score: 0.9,
    reason: 'left',
    t: 12,
    since: 2,
    camera: 'c',
  },
  picture: reference,
};
const piece = (device: TestDevice, n: number, content = picture.subarray(n * PIECE, (n + 1) * PIECE)) =>
  device.client.publishAsync(upBlobTopic(pillar, 'pic-1', n), content, { qos: 1 });
const whole = ({ site }: TestSite) => new Promise((resolve) => site.feed.on('evidence', resolve));

t.test('evidence is whole when its event and all pieces are there, in whatever order', async (t) => {
  const started = await startSite(t);
  const { site } = started;
  const sending = await started.device();
  const complete = whole(started);
  await piece(sending, 2);
  await piece(sending, 0);
  const event = sending.envelope('wp.object.left.v1', objectLeft);
  await sending.send(event, 'event');
  t.equal(site.find('pic-1'), null);
  await piece(sending, 1);
  t.match(await complete, { blobId: 'pic-1', eventId: event.id, mediaType: 'image/png' });
  const found = site.find('pic-1');
  t.ok(found);
  if (found) t.ok((await buffer(found.open())).equals(picture));
  t.equal(site.store.sql.prepare('SELECT count(*) FROM evidence_piece').pluck().get(), 0);
});

t.test(
  'each picture of a filmstrip becomes evidence of its own, but not what is hidden too deep',
  async (t) => {
    const started = await startSite(t);
    const { site } = started;
    const sending = await started.device();
    const content = Buffer.from('a small picture');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const small = (blobId: string) => ({ ...reference, blobId, bytes: content.length, pieces: 1, sha256 });
    const filmstrip = ['before', 'put-down', 'alone', 'now'].map((moment, at) => ({
      ...{ moment, t: at, picture: small(`pic-${moment}`) },
    }));
    const deep = { a: { b: { c: { d: small('pic-deep') } } } };
    const event = sending.envelope('wp.object.left.v1', { ...objectLeft, filmstrip, deep });
    await sending.send(event, 'event');
    for (const id of ['pic-before', 'pic-put-down', 'pic-alone', 'pic-now', 'pic-deep']) {
      await sending.client.publishAsync(upBlobTopic(pillar, id, 0), content, { qos: 1 });
    }
    await site.evidence.idle();
    for (const {
      picture: { blobId },
    } of filmstrip)
      t.equal(site.find(blobId)?.bytes, content.length, blobId);
    t.equal(site.find('pic-deep'), null);
  },
);

t.test('evidence whose hash is wrong is never shown', async (t) => {
  const started = await startSite(t);
  const { site } = started;
  const sending = await started.device();
  await sending.send(sending.envelope('wp.object.left.v1', objectLeft), 'event');
  await piece(sending, 0);
  await piece(sending, 1, randomBytes(PIECE));
  await piece(sending, 2);
  await site.evidence.idle();
  t.equal(site.find('pic-1'), null);
  t.equal(site.store.sql.prepare('SELECT state FROM evidence').pluck().get(), 'damaged');
});

t.test('pieces that were confirmed survive a restart, and the rest completes them', async (t) => {
  const first = await startSite(t);
  const sending = await first.device();
  await sending.send(sending.envelope('wp.object.left.v1', objectLeft), 'event');
  await piece(sending, 0);
  await piece(sending, 1);
  await first.close();
  const second = await startSite(t, { dataDir: first.dataDir });
  const complete = whole(second);
  await piece(await second.device(), 2);
  await complete;
  t.ok(readFileSync(second.site.find('pic-1')?.path ?? '').equals(picture));
});

t.test('evidence that could not be written is tried again', async (t) => {
  const started = await startSite(t);
  const { site, clock, dataDir } = started;
  const sending = await started.device();
  const folder = join(dataDir, 'evidence');
  writeFileSync(folder, 'in the way');
  await sending.send(sending.envelope('wp.object.left.v1', objectLeft), 'event');
  for (const n of [0, 1, 2]) await piece(sending, n);
  await site.evidence.idle();
  t.equal(site.find('pic-1'), null);
  rmSync(folder);
  const complete = whole(started);
  await clock.advance(60_000);
  await complete;
  t.ok(site.find('pic-1'));
});

t.test('retention erases wholes and forgotten pieces, and keeps what is on hold', async (t) => {
  const started = await startSite(t);
  const { site } = started;
  const sending = await started.device();
  const complete = whole(started);
  await sending.send(sending.envelope('wp.object.left.v1', objectLeft), 'event');
  for (const n of [0, 1, 2]) await piece(sending, n);
  await complete;
  await sending.client.publishAsync(upBlobTopic(pillar, 'never-announced', 0), 'x', { qos: 1 });
  const all = { wholesUpTo: 1e9, piecesUpTo: 1e9 };
  t.equal(await site.evidence.prune({ ...all, keep: new Set(['pic-1']) }), 0);
  t.ok(site.find('pic-1'));
  t.equal(site.store.sql.prepare('SELECT count(*) FROM evidence_piece').pluck().get(), 0);
  const hold = site.store.commit((sql) =>
    sql.exec("INSERT INTO evidence_hold (blob_id, who, at) VALUES ('pic-1', 'auditor-1', 'now')"),
  );
  t.equal(await site.evidence.prune({ ...all, keep: new Set() }), 0, 'held since the round began');
  await hold;
  t.ok(site.find('pic-1'));
  await site.store.commit((sql) => sql.exec('DELETE FROM evidence_hold'));
  t.equal(await site.evidence.prune({ ...all, keep: new Set() }), 1);
  t.equal(site.find('pic-1'), null);
});

t.test('a piece that cannot belong to anything is quarantined with WP1009', async (t) => {
  const { site, device } = await startSite(t);
  const sending = await device();
  await piece(sending, 0, randomBytes(PIECE + 1));
  await piece(sending, 999, randomBytes(10));
  t.match(site.quarantine.list(5), [{ code: 'WP1009' }, { code: 'WP1009' }]);
});
