import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readBatchList } from '#scripts/flash/batch/list.ts';
import { seeded } from '#test/support/random.ts';
import { folder, storeOf, TestBundles, watchpost } from './kit.ts';

t.setTimeout(170_000);

/** Three devices with a card each, and their bundles. */
async function three(dir: string) {
  const bundles = new TestBundles(dir);
  const devices = ['pillar-001', 'pillar-002', 'pillar-003'];
  const rows = [];
  for (const device of devices) {
    const card = await bundles.card(`card-${device}`, device);
    const bundle = bundles.file(`${device}.wpb`, 1, 50_000, { device: `mall.${device}` });
    rows.push({ device, card, bundle });
  }
  return { bundles, rows };
}

const listOf = (dir: string, ...lines: string[]) => {
  const file = join(dir, 'list.csv');
  writeFileSync(file, `\ufeffdevice,bundle,to\r\n${lines.join('\r\n')}\r\n`);
  return file;
};

t.test(
  'a list is flashed row by row; a row that fails is told, and the next run does only that one',
  async (t) => {
    const dir = folder(t);
    const { bundles, rows } = await three(dir);
    const [one, two, other] = rows;
    if (one === undefined || two === undefined || other === undefined) return t.fail('three devices');
    const full = await bundles.card('card-other', 'pillar-009');
    const list = listOf(
      dir,
      ...rows.map(
        ({ device, bundle, card }) => `${device},${bundle},${device === 'pillar-002' ? full : card}`,
      ),
    );
    const first = await watchpost(['flash', '--batch', list, '--yes', '--json']);
    t.match(first, { code: 1, err: /WP4341.*1 of 3/ });
    const results = first.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.match(results, [
      { device: 'pillar-001', result: 'flashed' },
      { device: 'pillar-002', result: 'failed', code: 'WP4105' },
      { device: 'pillar-003', result: 'flashed' },
    ]);
    t.match(await storeOf(one.card).state(), { trial: { slot: 'a' } });
    listOf(dir, ...rows.map(({ device, bundle, card }) => `${device},${bundle},${card}`));
    const second = await watchpost(['flash', '--batch', list, '--yes']);
    t.match(
      second,
      { code: 0, out: /pillar-001 .*skipped +done before\npillar-002 .*flashed .*generation 1/ },
      second.err,
    );
    t.match(await storeOf(two.card).state(), { trial: { slot: 'a' } });
  },
);

t.test(
  'wrong rows are named by their lines before anything is written, and nothing is written unasked',
  async (t) => {
    const dir = folder(t);
    const { rows } = await three(dir);
    const [one, two] = rows;
    if (one === undefined || two === undefined) return t.fail('two devices');
    const list = listOf(
      dir,
      `${one.device},${one.bundle},${one.card}`,
      `${two.device},${one.bundle},${two.card}`,
      `Pillar 3,${one.bundle},${join(dir, 'none')}`,
      `pillar-004,${join(dir, 'none.wpb')},${join(dir, 'none')}`,
      `${one.device},${one.bundle},${one.card}`,
    );
    const { code, err } = await watchpost(['flash', '--batch', list, '--yes']);
    t.equal(code, 1);
    t.match(err, /WP4340 .*lines 3, 4, 5, 6/);
    t.match(err, /line 3: WP4105/);
    t.match(err, /line 4: device/);
    t.match(err, /line 5: WP4101/);
    t.match(err, /line 6: device pillar-001 stands in line 2/);
    t.notMatch(err, /line 2:/);
    t.match(await storeOf(one.card).state(), { trial: null });
    const good = listOf(dir, `${one.device},${one.bundle},${one.card}`);
    t.match(await watchpost(['flash', '--batch', good]), { code: 1, err: /WP4303/ });
    t.match(await watchpost(['flash', '--batch', good, '--dry-run']), { code: 0, out: /planned/ });
    t.match(await storeOf(one.card).state(), { trial: null });
    t.notOk(existsSync(`${good}.done.json`));
  },
);

t.test('notes of what is done that cannot be read are refused, not written over', async (t) => {
  const dir = folder(t);
  const { rows } = await three(dir);
  const list = listOf(dir, ...rows.map(({ device, bundle, card }) => `${device},${bundle},${card}`));
  writeFileSync(`${list}.done.json`, 'half a no');
  t.match(await watchpost(['flash', '--batch', list, '--yes']), { code: 1, err: /WP4342/ });
  t.equal(readFileSync(`${list}.done.json`, 'utf8'), 'half a no');
});

t.test('whatever a list is, it is read or refused with a code', async (t) => {
  const dir = folder(t);
  const file = join(dir, 'list.csv');
  const random = seeded(11);
  const pieces = [
    'device,bundle,to',
    '\n',
    '\r\n',
    ',',
    '"',
    'pillar-001',
    'x.wpb',
    '\ufeff',
    '',
    'a"b',
    'é',
    '\0',
  ];
  for (let round = 0; round < 1_000; round += 1) {
    const text = Array.from({ length: random(30) }, () => pieces[random(pieces.length)]).join('');
    writeFileSync(file, text);
    try {
      readBatchList(file);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'WP4340')) throw error;
    }
  }
  t.pass('1,000 lists');
});
