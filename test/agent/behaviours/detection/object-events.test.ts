import t from 'tap';
import { attachmentsOf, eventDataOf, type ObjectReport } from '#agent/behaviours/detection/object-events.ts';
import { EVENT_DATA } from '#contract/event-data.ts';

const png = (file: string) => ({ file, mediaType: 'image/png', bytes: 70_000, sha256: 'a'.repeat(64) });
const film = { file: 'object-1-film.webm', mediaType: 'video/webm', bytes: 100, sha256: 'b'.repeat(64) };
const REPORT: ObjectReport = {
  kind: 'object',
  change: 'left',
  objectId: 'object-1',
  t: 30,
  since: 20,
  box: [0.1, 0.2, 0.3, 0.4],
  score: 0.9,
  reason: 'alone for 10.0 s',
  state: 'unattended',
  zone: 'platform',
  picture: png('object-1.png'),
  filmstrip: [
    { moment: 'before', t: 3, picture: png('object-1-before.png') },
    { moment: 'put-down', t: 5, picture: png('object-1-put-down.png') },
    { moment: 'alone', t: 8, picture: png('object-1-alone.png') },
    { moment: 'now', t: 30, picture: png('object-1.png') },
  ],
};
const PLACE = { label: 'East hall' };

t.test(
  'an event carries its four pictures, its state and its zone, and each picture is sent once',
  async (t) => {
    const data = eventDataOf(REPORT, PLACE, 'front');
    t.ok(EVENT_DATA['wp.object.left.v1'].safeParse(data).success, 'it fits the wire');
    t.match(data, { state: 'unattended', zone: 'platform' });
    t.same(
      data.filmstrip?.map(({ moment, t: at, picture }) => [moment, at, picture.blobId, picture.pieces]),
      [
        ['before', 3, 'object-1-before', 2],
        ['put-down', 5, 'object-1-put-down', 2],
        ['alone', 8, 'object-1-alone', 2],
        ['now', 30, 'object-1', 2],
      ],
    );
    const sent = attachmentsOf(REPORT).map(({ file }) => file);
    t.same(sent, ['object-1.png', 'object-1-before.png', 'object-1-put-down.png', 'object-1-alone.png']);
  },
);

t.test('a film is announced as what it is', async (t) => {
  const report = { ...REPORT, change: 'updated' as const, clip: film };
  t.match(eventDataOf(report, PLACE, 'front').clip, { blobId: 'object-1-film', mediaType: 'video/webm' });
  t.match(attachmentsOf(report).at(-1), { file: 'object-1-film.webm' });
});

t.test('what does not fit is left out, the rest of the event is not', async (t) => {
  const bad = [
    png('../../etc/passwd'),
    png('.hidden.png'),
    png('a.webm'),
    { ...png('a.png'), mediaType: 'text/html' },
    { ...png('a.png'), bytes: 17 * 1024 * 1024 },
    { ...png('a.png'), bytes: 0 },
    { ...png('a.png'), sha256: 'x' },
    png(`${'a'.repeat(65)}.png`),
  ];
  for (const picture of bad) {
    const report = {
      ...REPORT,
      picture,
      clip: picture,
      filmstrip: [{ moment: 'now' as const, t: 1, picture }],
    };
    const data = eventDataOf(report, PLACE, 'front');
    t.same([data.picture, data.clip, data.filmstrip], [undefined, undefined, undefined], picture.file);
    t.same(attachmentsOf(report), []);
  }
});
