import { createHash } from 'node:crypto';
import t from 'tap';
import { TalkBox } from '#agent/behaviours/talk/talk-box.ts';
import { TALK_EXPIRES_S, TALK_MAX_BYTES, TALK_PIECE_BYTES } from '#contract/talk.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const sound = Buffer.from(Array.from({ length: 40_000 }, (_none, n) => n % 251));
const pieces = Array.from({ length: Math.ceil(sound.length / TALK_PIECE_BYTES) }, (_none, piece) => ({
  blobId: 'talk-1',
  piece,
  bytes: sound.subarray(piece * TALK_PIECE_BYTES, (piece + 1) * TALK_PIECE_BYTES),
}));
const reference = {
  blob: 'talk-1',
  bytes: sound.length,
  sha256: createHash('sha256').update(sound).digest('hex'),
};

function setUp() {
  const clock = new ManualClock();
  return { clock, box: new TalkBox(clock) };
}

t.test('what has come whole is handed out once, in whatever order and however often it came', async (t) => {
  const { clock, box } = setUp();
  for (const piece of [...pieces].reverse()) box.take(piece);
  for (const piece of pieces) box.take(piece);
  t.strictSame(box.claim(reference), sound);
  t.throws(() => box.claim(reference), { code: 'WP7102' }, 'and forgotten');
  t.equal(clock.pending, 0);
});

t.test(
  'a message with a gap, one that is too short and one that is not what was sent are refused',
  async (t) => {
    const { box } = setUp();
    for (const piece of pieces.slice(1)) box.take(piece);
    t.throws(() => box.claim(reference), { code: 'WP7102' });
    for (const piece of pieces.slice(0, -1)) box.take(piece);
    t.throws(() => box.claim(reference), { code: 'WP7102', message: /32768 of 40000/ });
    for (const piece of pieces) box.take(piece);
    t.throws(() => box.claim({ ...reference, sha256: '0'.repeat(64) }), { code: 'WP7102' });
    for (const piece of pieces) box.take(piece);
    t.throws(() => box.claim({ ...reference, blob: 'talk-2' }), { code: 'WP7102' });
  },
);

t.test('the newest message takes the place of the one before', async (t) => {
  const { box } = setUp();
  for (const piece of pieces) box.take({ ...piece, blobId: 'talk-0' });
  for (const piece of pieces) box.take(piece);
  t.throws(() => box.claim({ ...reference, blob: 'talk-0' }), { code: 'WP7102' });
});

t.test('no more is kept than a message may have, and nothing that is none', async (t) => {
  const { box, clock } = setUp();
  for (const piece of pieces) box.take({ ...piece, blobId: 'bundle-1' });
  t.equal(clock.pending, 0);
  box.take({ blobId: 'talk-1', piece: 0, bytes: Buffer.alloc(TALK_PIECE_BYTES + 1) });
  t.equal(clock.pending, 0, 'a piece that is too large');
  box.take({ blobId: 'talk-1', piece: 0, bytes: Buffer.alloc(0) });
  t.equal(clock.pending, 0, 'a piece of nothing, of which any number would fit');
  for (let piece = 0; piece <= TALK_MAX_BYTES / TALK_PIECE_BYTES; piece += 1) {
    box.take({ blobId: 'talk-1', piece, bytes: Buffer.alloc(TALK_PIECE_BYTES) });
  }
  t.throws(() => box.claim({ ...reference, bytes: TALK_MAX_BYTES }), { code: 'WP7102', message: /nothing/ });
});

t.test('a message that nobody asks for is forgotten', async (t) => {
  const { box, clock } = setUp();
  for (const piece of pieces) box.take(piece);
  await clock.advance(TALK_EXPIRES_S * 1000);
  t.throws(() => box.claim(reference), { code: 'WP7102' });
  t.equal(clock.pending, 0);
});
