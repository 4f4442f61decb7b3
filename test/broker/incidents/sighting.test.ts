import t from 'tap';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase } from '#test/support/site-database.ts';
import { type EventSketch, incidentSide, ledgerEvent, PLACE, type Teardown } from '../support/desk.ts';

const blob = (blobId: string, mediaType = 'image/png') => ({
  ...{ blobId, mediaType, bytes: 10, pieces: 1, sha256: 'a'.repeat(64) },
});
const LEFT = {
  ...{ place: PLACE, objectId: 'o1', box: [0.1, 0.2, 0.3, 0.4], score: 0.9, reason: 'alone for 60.0 s' },
  ...{ t: 90, since: 30, camera: 'front', state: 'unattended', picture: blob('o1') },
  filmstrip: [
    { moment: 'before', t: 20, picture: blob('o1-before') },
    { moment: 'now', t: 90, picture: blob('o1') },
  ],
};

function setting(t: Teardown) {
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  const side = incidentSide({ db, clock });
  t.teardown(() => side.escalation.close());
  const take = async (sketch: EventSketch) => {
    const event = ledgerEvent(clock, sketch);
    await db.commit(() => side.desk.onEvent(event));
    return event.envelope.id;
  };
  return { ...side, take, clock };
}

t.test('an alarm about an object says what the camera said, and what it said later', async (t) => {
  const { take, view, desk } = setting(t);
  const incidentId = view.incidentOfEvent(await take({ type: 'wp.object.left.v1', data: LEFT })) ?? '';
  const sighting = () => view.detail(incidentId)?.alarms[0]?.sighting;
  const rev = () => view.detail(incidentId)?.rev ?? 0;
  t.match(sighting(), { objectId: 'o1', state: 'unattended', filmstrip: [{ moment: 'before' }, {}] });
  const before = rev();
  await desk.act(incidentId, 'resolve', {}, 'guard-1');
  const { filmstrip, picture, ...later } = LEFT;
  const film = { ...later, reason: 'the film of it is ready', t: 100, clip: blob('o1-film', 'video/webm') };
  await take({ type: 'wp.object.updated.v1', data: film });
  t.match(
    sighting(),
    { t: 100, reason: LEFT.reason, clip: { blobId: 'o1-film' }, filmstrip: [{}, {}] },
    'also once it is resolved',
  );
  t.ok(rev() > before, 'so that pages look again');
  await take({ type: 'wp.object.reclaimed.v1', data: { ...later, state: 'unattended', t: 120 } });
  t.match(sighting(), { state: 'reclaimed', clip: { blobId: 'o1-film' } });
  await take({ type: 'wp.object.updated.v1', data: { ...film, t: 110, state: 'attended' } });
  t.match(sighting(), { state: 'reclaimed', t: 120 }, 'what is overtaken does not come back');
  t.equal(view.detail(incidentId)?.alarmCount, 1, 'no alarm of its own');
  t.equal(view.detail(incidentId)?.state, 'resolved');
});

t.test('an object that nobody can watch any more says so, and waits for a person', async (t) => {
  const { take, view } = setting(t);
  const incidentId = view.incidentOfEvent(await take({ type: 'wp.object.left.v1', data: LEFT })) ?? '';
  const { filmstrip, picture, ...later } = LEFT;
  const reason = 'its scene was begun anew';
  await take({ type: 'wp.object.updated.v1', data: { ...later, state: 'unwatched', reason } });
  t.match(view.detail(incidentId)?.alarms[0]?.sighting, { state: 'unwatched', reason, filmstrip: [{}, {}] });
  t.equal(view.detail(incidentId)?.state, 'open');
});

t.test('what is told of an object that nobody reported, or not readably, opens nothing', async (t) => {
  const { take, view } = setting(t);
  await take({ type: 'wp.object.updated.v1', data: LEFT });
  await take({ type: 'wp.object.removed.v1', data: { objectId: 'o1' } });
  t.same(view.list({ states: ['open'], before: 1e9, limit: 10 }), []);
});
