import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { LOADERS } from '#scripts/flash/board/avrdude.ts';
import { BoardTarget } from '#scripts/flash/board/board-target.ts';
import { openSource } from '#scripts/flash/source-bundle.ts';
import { folder, TestBundles, watchpost, watchpostProcess } from '#test/scripts/flash/kit.ts';
import { FIRMATA_HEX, newBoard, noBootloader } from './bootloader-board.ts';

t.setTimeout(300_000);
const skip = { skip: await noBootloader() };
const board = readFileSync(FIRMATA_HEX);

t.test(
  'a new Uno gets its firmware from the bundle by its own bootloader, and it is read back',
  skip,
  async (t) => {
    const bundle = new TestBundles(folder(t)).file('1.wpb', 1, 1000, { board });
    const port = await newBoard(t);
    const asked = ['flash', bundle, '--to', `board:${port}`, '--model', 'uno', '--yes', '--json'];
    const { code, out, err } = await watchpost(asked);
    t.equal(code, 0, err);
    t.match(JSON.parse(out), { ok: true, writtenBytes: board.length, readBack: { from: 'medium' } });
    t.match(await watchpost(asked), { code: 0, out: /"writtenBytes":0/ }, 'it has it now');
  },
);

t.test('another chip than the one expected, a port in use, and none are told apart', skip, async (t) => {
  const dir = folder(t);
  const bundle = new TestBundles(dir).file('1.wpb', 1, 1000, { board });
  const port = await newBoard(t);
  const source = await openSource(bundle, null);
  const target = new BoardTarget(port, source, { board: 'post', model: 'uno' });
  await target.open();
  t.match(await watchpost(['flash', bundle, '--to', `board:${port}`, '--board', 'other', '--yes']), {
    code: 1,
    err: /WP4333.*post/,
  });
  t.match(await watchpost(['flash', bundle, '--to', `board:${port}`, '--yes']), { code: 1, err: /WP4334/ });
  const held = openSync(port, constants.O_RDWR | constants.O_NOCTTY);
  t.match(await watchpostProcess(['flash', bundle, '--to', `board:${port}`, '--model', 'uno', '--yes']), {
    code: 1,
    err: /WP4309.*\(\d+\)/,
  });
  closeSync(held);
  t.match(
    await watchpost(['flash', bundle, '--to', `board:${join(dir, 'none')}`, '--model', 'uno', '--yes']),
    { code: 1, err: /WP4330/ },
  );
  await target.close();
  const { compare } = await import('#scripts/flash/board/avrdude.ts');
  const other = { ...LOADERS.uno, part: 'm168' };
  await t.rejects(compare({ port, loader: other, baud: 115_200 }, FIRMATA_HEX), { code: 'WP4332' });
});
