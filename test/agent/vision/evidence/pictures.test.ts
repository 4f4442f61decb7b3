import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import { storePicture } from '#agent/vision/evidence/pictures.ts';

t.test('a picture is stored whole, as 8-bit grey PNG, under its hash', async (t) => {
  const folder = join(t.testdir(), 'new', 'folder');
  const data = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
  const stored = await storePicture(folder, 'object-1', { width: 4, height: 3, data });
  t.same(readdirSync(folder), ['object-1.png'], 'nothing half-written is left');
  const bytes = readFileSync(join(folder, stored.file));
  t.equal(stored.bytes, bytes.length);
  t.equal(stored.sha256, createHash('sha256').update(bytes).digest('hex'));
  const { width, height, channels, depth, data: read } = decode(bytes);
  t.match({ width, height, channels, depth }, { width: 4, height: 3, channels: 1, depth: 8 });
  t.same([...read], [...data]);
});

t.test('a folder that cannot be written is told with its code', async (t) => {
  const folder = join(t.testdir({ file: '' }), 'file');
  const picture = { width: 1, height: 1, data: new Uint8Array(1) };
  await t.rejects(storePicture(folder, 'object-1', picture), { code: 'WP2408' });
});
