import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BundleFetch } from '#agent/behaviours/fetch/bundle-fetch.ts';
import type { DownPiece } from '#agent/ports/down-content.ts';
import { BUNDLE_PIECE_BYTES, bundleBlobId, bundlePieces } from '#contract/fetch.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog, temporaryFolder } from '#test/support/site-database.ts';

const bundleOf = (bytes: number, seed = 7) => {
  const content = Buffer.from(Array.from({ length: bytes }, (_none, n) => (n * seed) % 251));
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { content, reference: { blob: bundleBlobId(sha256), bytes, sha256 } };
};
const { content, reference } = bundleOf(5 * BUNDLE_PIECE_BYTES + 100);
const PIECES = 6;

function pieceOf(piece: number, of = content, { blob } = reference): DownPiece {
  return {
    ...{ blobId: blob, piece },
    bytes: of.subarray(piece * BUNDLE_PIECE_BYTES, (piece + 1) * BUNDLE_PIECE_BYTES),
  };
}

/** A device with an inbox; the site's pieces and the room on its disk are in the test's hands. */
function device(t: { teardown(end: () => Promise<void>): void }, folder: string) {
  const listeners = new Set<(piece: DownPiece) => void>();
  const disk = { freeBytes: 1e9 };
  const clock = new ManualClock();
  const fetch = new BundleFetch({
    ...{ folder, clock, log: silentLog, keepFreeBytes: 1000 },
    freeBytes: async () => disk.freeBytes,
    link: {
      onContent: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
  fetch.start();
  t.teardown(() => fetch.close());
  const send = (...pieces: DownPiece[]) => {
    for (const piece of pieces) for (const listener of listeners) listener(piece);
  };
  return { fetch, send, disk, clock, inbox: () => readdirSync(folder).sort() };
}

t.test('a bundle comes in pieces and stands whole in the inbox', async (t) => {
  const folder = join(temporaryFolder(t), 'inbox');
  const { fetch, send, inbox } = device(t, folder);
  t.equal(bundlePieces(reference.bytes), PIECES);
  t.same(await fetch.fetch(reference), { from: 0 });
  send(pieceOf(0), pieceOf(1), pieceOf(2));
  t.same(await fetch.fetch(reference), { from: 3 });
  t.same(inbox(), [`${reference.blob}.part`]);
  send(pieceOf(3), pieceOf(4), pieceOf(5));
  t.same(await fetch.fetch(reference), { from: PIECES });
  t.same(inbox(), [`${reference.blob}.wpb`]);
  t.ok(readFileSync(join(folder, `${reference.blob}.wpb`)).equals(content));
  t.same(await fetch.fetch(reference), { from: PIECES }, 'asked again, it is there');
});

t.test('pieces that come twice, too early, too short or from another bundle change nothing', async (t) => {
  const { fetch, send } = device(t, temporaryFolder(t));
  send(pieceOf(0));
  t.same(await fetch.fetch(reference), { from: 0 }, 'before it was announced');
  send(pieceOf(0), pieceOf(0), pieceOf(2), pieceOf(1), { ...pieceOf(2), blobId: 'talk-1' });
  send({ ...pieceOf(2), bytes: content.subarray(0, 10) });
  t.same(await fetch.fetch(reference), { from: 2 });
  send(pieceOf(2), pieceOf(3), pieceOf(4), pieceOf(5), { ...pieceOf(5), piece: 6 });
  t.same(await fetch.fetch(reference), { from: PIECES });
});

t.test('a device that was started anew goes on behind the last whole piece', async (t) => {
  const folder = temporaryFolder(t);
  const before = device(t, folder);
  await before.fetch.fetch(reference);
  before.send(pieceOf(0), pieceOf(1), pieceOf(2));
  await before.fetch.close();
  truncateSync(join(folder, `${reference.blob}.part`), 2 * BUNDLE_PIECE_BYTES + 17);
  const after = device(t, folder);
  t.same(await after.fetch.fetch(reference), { from: 2 });
  after.send(...[2, 3, 4, 5].map((piece) => pieceOf(piece)));
  t.same(await after.fetch.fetch(reference), { from: PIECES });
});

t.test('what was damaged on the card is found out, and fetched from the beginning', async (t) => {
  const folder = temporaryFolder(t);
  const { fetch, send } = device(t, folder);
  await fetch.fetch(reference);
  send(...[0, 1, 2, 3, 4].map((piece) => pieceOf(piece)));
  send({ ...pieceOf(5), bytes: Buffer.alloc(100) });
  await t.rejects(fetch.fetch(reference), { code: 'WP4652' });
  t.same(await fetch.fetch(reference), { from: 0 });
  send(...[0, 1, 2, 3, 4, 5].map((piece) => pieceOf(piece)));
  t.same(await fetch.fetch(reference), { from: PIECES });
});

t.test('a bundle is not taken where alarms could miss the room', async (t) => {
  const { fetch, disk, send } = device(t, temporaryFolder(t));
  disk.freeBytes = 2 * reference.bytes + 999;
  await t.rejects(fetch.fetch(reference), { code: 'WP4651', message: /needed/ });
  disk.freeBytes += 1;
  t.same(await fetch.fetch(reference), { from: 0 });
  send(pieceOf(0));
  disk.freeBytes = 2000;
  await t.rejects(fetch.fetch(reference), { code: 'WP4651' }, 'also when it has become full since');
  disk.freeBytes = 1e9;
  t.same(await fetch.fetch(reference), { from: 1 }, 'what had come is not lost by it');
});

t.test('another bundle takes the place of the one before', async (t) => {
  const { fetch, send, inbox } = device(t, temporaryFolder(t));
  await fetch.fetch(reference);
  send(pieceOf(0));
  const other = bundleOf(100, 3);
  t.same(await fetch.fetch(other.reference), { from: 0 });
  t.same(inbox(), [`${other.reference.blob}.part`]);
  send(pieceOf(0), pieceOf(0, other.content, other.reference));
  t.same(await fetch.fetch(other.reference), { from: 1 });
  t.same(inbox(), [`${other.reference.blob}.wpb`]);
});

t.test('what nobody went on with is removed after two weeks, what is not ours never', async (t) => {
  const folder = temporaryFolder(t);
  const clock = new ManualClock();
  const old = `bundle-${'a'.repeat(40)}.part`;
  const young = `bundle-${'b'.repeat(40)}.part`;
  for (const [name, days] of [
    [old, 15],
    [young, 13],
    ['WPA.WPB', 400],
  ] as const) {
    writeFileSync(join(folder, name), 'x');
    const at = clock.wallMs() / 1000 - days * 86_400;
    utimesSync(join(folder, name), at, at);
  }
  const { fetch } = device(t, folder);
  await fetch.close();
  t.notOk(existsSync(join(folder, old)));
  t.ok(existsSync(join(folder, young)) && existsSync(join(folder, 'WPA.WPB')));
});

t.test('a card that takes no writing is said, with nothing lost of the device', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const { fetch } = device(t, join(folder, 'file', 'inbox'));
  await t.rejects(fetch.fetch(reference), { code: 'WP4653' });
});
