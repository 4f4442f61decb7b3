import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { SiteDatabase } from '#broker/persistence/store/database.ts';
import { upBlobTopic } from '#contract/topics.ts';
import { restoreBackup } from '#scripts/care/restore.ts';
import { openUnit } from '#scripts/care/unit.ts';
import { startBroker } from '#test/support/broker-process.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';
import { PILLAR } from '../../broker/support/desk.ts';
import { connectPillar } from '../../broker/support/pillar.ts';
import { watchpost } from './watchpost.ts';

const PICTURE = randomBytes(90_000);

t.test('a backup made under load is one whole moment of the site, and nobody waits for it', async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'site');
  const broker = await startBroker(t, data);
  const pillar = await connectPillar(t, broker.mqtt);
  await sendPicture(pillar);
  const confirmed: string[] = [];
  let going = true;
  const load = (async () => {
    while (going) confirmed.push(await pillar.press());
  })();
  const before = confirmed.length;
  const made = await watchpost('broker', 'backup', '--data', data, '--to', join(folder, 'copies'), '--json');
  going = false;
  await load;
  t.equal(made.code, 0, made.error);
  t.ok(confirmed.length - before > 10, `${confirmed.length - before} presses were confirmed meanwhile`);
  const { manifest, folder: unit } = await openUnit(String(made.json.path), folder);
  t.ok(manifest.files.length === 2 && manifest.files[1]?.path.startsWith('evidence/'), 'evidence is in it');
  const sql = new Sqlite(join(unit, 'site.db'), { readonly: true });
  const ids = sql.prepare("SELECT id FROM ledger_event WHERE lane = 'alarm' ORDER BY row").pluck().all();
  t.same(ids, confirmed.slice(0, ids.length), 'what it holds is what was confirmed up to a moment, in order');
  t.equal(sql.prepare('SELECT count(*) FROM incident_alarm').pluck().get(), ids.length + 1);
  sql.close();
  t.notOk(existsSync(join(unit, 'admin.token')), 'no secret of the machine is in it');
  const live = new Sqlite(join(data, 'site.db'), { readonly: true });
  const noted = live.prepare("SELECT who, detail FROM audit WHERE action = 'backup.made'").all();
  live.close();
  t.match(noted, [{ who: 'admin', detail: String(made.json.manifestSha256) }]);
  t.equal((await watchpost('broker', 'check', '--data', data, '--hashes')).code, 0);
  await broker.stop();
});

/** An event with a picture in two pieces. */
async function sendPicture(pillar: Awaited<ReturnType<typeof connectPillar>>): Promise<void> {
  const sha256 = createHash('sha256').update(PICTURE).digest('hex');
  const picture = { blobId: 'pic-1', mediaType: 'image/png', bytes: PICTURE.length, pieces: 2, sha256 };
  const object = {
    objectId: 'o-1',
    box: [0, 0, 1, 1],
    score: 1,
    reason: 'left',
    t: 1,
    since: 0,
    camera: 'c',
  };
  await pillar.raise('wp.object.left.v1', { ...object, picture });
  for (const [piece, from] of [0, 65_536].entries()) {
    const content = PICTURE.subarray(from, from + 65_536);
    await pillar.client.publishAsync(upBlobTopic(PILLAR, 'pic-1', piece), content, { qos: 1 });
  }
  // Behind the evidence's file: what comes next on this connection is committed after it.
  await pillar.sayState();
}

/** A site's folder without a broker: database and one picture. */
async function quietSite(
  t: Parameters<typeof temporaryFolder>[0],
): Promise<{ folder: string; data: string }> {
  const folder = temporaryFolder(t);
  const data = join(folder, 'site');
  mkdirSync(join(data, 'evidence', 'mall', 'pillar-001'), { recursive: true });
  const db = new SiteDatabase({
    ...{ path: join(data, 'site.db'), clock: new ManualClock(), log: silentLog },
  });
  db.start();
  const sha256 = createHash('sha256').update(PICTURE).digest('hex');
  await db.commit((sql) =>
    sql
      .prepare(
        `INSERT INTO evidence (source, blob_id, event_id, media_type, bytes, pieces, sha256, state, announced_at, completed_at)
         VALUES ('/wp/mall/pillar-001', 'pic-1', 'e', 'image/png', ?, 2, ?, 'complete', '', '')`,
      )
      .run(PICTURE.length, sha256),
  );
  await db.close();
  writeFileSync(join(data, 'evidence/mall/pillar-001/pic-1'), PICTURE);
  writeFileSync(join(data, 'admin.token'), 'secret');
  return { folder, data };
}

t.test('a tar file is the same unit; what is there already is not written over', async (t) => {
  const { folder, data } = await quietSite(t);
  const to = join(folder, 'copies', 'site.tar');
  const made = await watchpost('broker', 'backup', '--data', data, '--to', to);
  t.equal(made.code, 0, made.error);
  t.match(made.error, /verifying/, 'it says how far it is');
  t.same(readdirSync(dirname(to)), ['site.tar'], 'and leaves nothing else behind');
  const looked = await watchpost('broker', 'check', '--backup', to, '--json');
  t.match(looked.json, { ok: true, files: 2 });
  const again = await watchpost('broker', 'backup', '--data', data, '--to', to);
  t.equal(again.code, 1);
  t.match(again.error, /WP3602/);
  const inside = await watchpost('broker', 'backup', '--data', data, '--to', join(data, 'copies'));
  t.match(inside.error, /WP3602.*in the data folder/);
  const nothing = await watchpost(
    ...['broker', 'backup', '--data', join(folder, 'copies'), '--to', join(folder, 'other')],
  );
  t.match(nothing.error, /WP5006/);
  t.notOk(existsSync(join(folder, 'other')), 'a backup that failed leaves nothing');
});

t.test('a backup that was changed in any way is refused before anything is touched', async (t) => {
  const { folder, data } = await quietSite(t);
  const made = await watchpost('broker', 'backup', '--data', data, '--to', join(folder, 'copies'), '--json');
  const good = String(made.json.path);
  const there = readdirSync(data).sort();
  const changes: Record<string, [(unit: string) => void, string]> = {
    'a byte more': [(unit) => appendFileSync(join(unit, 'site.db'), 'x'), 'WP3600'],
    'a byte other': [
      (unit) => {
        const file = join(unit, 'evidence/mall/pillar-001/pic-1');
        const content = readFileSync(file);
        content[100] = (content[100] ?? 0) ^ 1;
        writeFileSync(file, content);
      },
      'WP3600',
    ],
    'a file missing': [(unit) => rmSync(join(unit, 'evidence'), { recursive: true }), 'WP3600'],
    'a file more': [(unit) => writeFileSync(join(unit, 'evidence', 'more'), ''), 'WP3600'],
    'no manifest': [(unit) => rmSync(join(unit, 'manifest.json')), 'WP3601'],
    'half a manifest': [(unit) => writeFileSync(join(unit, 'manifest.json'), '{"format":'), 'WP3600'],
    'a path that leads out of it': [
      (unit) => rewrite(unit, (text) => text.replace('evidence/mall', '../../mall')),
      'WP3600',
    ],
    'a newer version': [
      (unit) => rewrite(unit, (text) => text.replace('"schema": [', '"schema": [ 9999,')),
      'WP3005',
    ],
  };
  for (const [change, [make, code]] of Object.entries(changes)) {
    const unit = join(folder, 'changed');
    cpSync(good, unit, { recursive: true });
    make(unit);
    const clock = new ManualClock();
    await t.rejects(
      restoreBackup({ from: unit, dataDir: data, existing: 'set-aside', clock }),
      { code },
      change,
    );
    rmSync(unit, { recursive: true });
  }
  t.same(readdirSync(data).sort(), there);
});

function rewrite(unit: string, change: (text: string) => string): void {
  const file = join(unit, 'manifest.json');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

t.test(
  'a restore sets the old site aside, keeps what is the machine’s, and a broken-off one is not started',
  async (t) => {
    const { folder, data } = await quietSite(t);
    const made = await watchpost(
      'broker',
      'backup',
      '--data',
      data,
      '--to',
      join(folder, 'copies'),
      '--json',
    );
    const from = String(made.json.path);
    const refused = await watchpost('broker', 'restore', '--from', from, '--data', data);
    t.match(refused, { code: 1, error: /WP3603/ });
    writeFileSync(join(data, 'site.db'), 'ruined');
    const restored = await watchpost(
      'broker',
      'restore',
      '--from',
      from,
      '--data',
      data,
      '--replace',
      '--json',
    );
    t.equal(restored.code, 0, restored.error);
    t.equal(readFileSync(join(String(restored.json.setAside), 'site.db'), 'utf8'), 'ruined');
    t.same(readFileSync(join(data, 'evidence/mall/pillar-001/pic-1')), PICTURE);
    t.equal(readFileSync(join(data, 'admin.token'), 'utf8'), 'secret');
    const broker = await startBroker(t, data);
    const busy = await watchpost('broker', 'restore', '--from', from, '--data', data, '--replace');
    t.match(busy, { code: 1, error: /WP5007/ }, 'never under a running broker');
    await broker.stop();
    const sql = new Sqlite(join(data, 'site.db'), { readonly: true });
    t.match(sql.prepare("SELECT detail FROM audit WHERE action = 'backup.restored'").all(), [
      { detail: String(made.json.manifestSha256) },
    ]);
    sql.close();
    writeFileSync(join(data, 'restoring.json'), '{}');
    t.match(await watchpost('broker', 'check', '--data', data), { code: 1, out: /WRONG folder/ });
    await t.rejects(startBroker(t, data), /WP3605/);
  },
);
