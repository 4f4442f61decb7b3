import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { FilmEncoder, RawFilm } from '#agent/ports/vision-evidence.ts';
import type { FilmTake } from '#agent/vision/evidence/film.ts';
import { FilmStore } from '#agent/vision/evidence/film-store.ts';
import { componentOf } from '#agent/vision/tracking/components.ts';
import { WatchpostError } from '#contract/errors.ts';

const take = (objectId: string): FilmTake => ({
  detection: {
    ...{ change: 'left', state: 'unattended', objectId, trackId: 1, t: 9, since: 4, score: 1, reason: '' },
    ...{ box: [0, 0, 1, 1], component: componentOf([0], { columns: 2, rows: 2 }) },
  },
  width: 4,
  height: 2,
  t: 12,
  *frames() {
    yield { width: 4, height: 2, data: new Uint8Array(8).fill(7) };
  },
});

/** Writes what `bytesOf` makes of the film; remembers the order. */
class TextEncoder implements FilmEncoder {
  readonly mediaType = 'video/webm';
  readonly ending = '.webm';
  readonly log: string[] = [];
  readonly #bytesOf: (film: RawFilm) => Uint8Array;

  constructor(bytesOf: (film: RawFilm) => Uint8Array = (film) => Buffer.concat([...film.frames()])) {
    this.#bytesOf = bytesOf;
  }

  async encode(film: RawFilm, path: string): Promise<void> {
    this.log.push('begin');
    await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(path, this.#bytesOf(film));
    this.log.push('end');
  }
}

t.test('a film gets its name when it is whole, with its hash', async (t) => {
  const folder = join(t.testdir(), 'new');
  const stored = await new FilmStore({ mark: 'r1', folder, encoder: new TextEncoder() }).store(take('o1'));
  t.same(readdirSync(folder), ['o1-film-r1.webm']);
  const bytes = readFileSync(join(folder, stored.file));
  t.same([...bytes], new Array(8).fill(7));
  t.match(stored, {
    mediaType: 'video/webm',
    bytes: 8,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
});

t.test('films are made one after another, and no more wait than can be kept', async (t) => {
  const encoder = new TextEncoder();
  const films = new FilmStore({ mark: 'r1', folder: t.testdir(), encoder });
  const stored = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((name) => films.store(take(name))));
  t.same(
    stored.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
  );
  t.same(encoder.log, new Array(4).fill(['begin', 'end']).flat());
});

t.test('what fails leaves nothing behind, and says what it was', async (t) => {
  const folder = t.testdir({ file: '' });
  const missing = new TextEncoder(() => {
    throw new WatchpostError('WP2430');
  });
  await t.rejects(new FilmStore({ mark: 'r1', folder, encoder: missing }).store(take('o1')), {
    code: 'WP2430',
  });
  const large = new TextEncoder(() => new Uint8Array(16 * 1024 * 1024 + 1));
  await t.rejects(new FilmStore({ mark: 'r1', folder, encoder: large }).store(take('o1')), {
    code: 'WP2432',
  });
  const films = new FilmStore({ mark: 'r1', folder: join(folder, 'file', 'in'), encoder: new TextEncoder() });
  await t.rejects(films.store(take('o1')), { code: 'WP2432' });
  t.same(readdirSync(folder), ['file']);
});
