import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hasGstLaunch } from '#agent/drivers/gstreamer/launch-source.ts';
import { VisionConfig } from '#agent/ports/vision.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import { encodeScene } from '#scripts/clips/draw.ts';
import { Draft } from '#scripts/scenes/draft.ts';
import type { Scene } from '#scripts/scenes/scene.ts';
import { keeperOf, REAL_VISION } from '#test/agent/behaviours/detection/fixture.ts';

const skip = hasGstLaunch() ? false : 'no gst-launch to make a clip with';
const FRAMES_PER_SECOND = 5;
const DWELL_S = 5;
/** How every Matroska and WebM file begins (RFC 8794, section 8.1.1). */
const EBML = '1a45dfa3';

/** Somebody leaves a thing; nobody comes for it. */
function scene(): Scene {
  const draft = new Draft(5);
  draft.dwellS = DWELL_S;
  draft.framesPerSecond = FRAMES_PER_SECOND;
  const place = draft.spot();
  const prop = draft.thing(place);
  const owner = draft.leaves(draft.bringer(prop, place, 4).stand(1));
  draft.expect(prop, [owner]);
  return draft.finished(owner.t + DWELL_S + 30);
}

t.test(
  'a thing left behind is told with its pictures, and then updated once with the film of how it came',
  { skip, timeout: 150_000 },
  async (t) => {
    const folder = t.testdir();
    const source = join(folder, 'scene.mkv');
    await encodeScene(source, scene());
    const config = VisionConfig.parse({
      ...{ camera: 'front', source, dwellS: DWELL_S, framesPerSecond: FRAMES_PER_SECOND },
      ...{ evidenceDir: folder, clip: { beforeS: 3, afterS: 2 } },
    });
    const { keeper, recorder, blobs } = keeperOf(folder, REAL_VISION, { config });
    t.teardown(() => keeper.close());
    keeper.start();
    const updated = await recorder.until(({ type }) => type === 'wp.object.updated.v1');
    const objects = recorder.events.filter(({ type }) => type.startsWith('wp.object.'));
    t.same(
      objects.map(({ type }) => type),
      ['wp.object.left.v1', 'wp.object.updated.v1'],
    );
    const left = EVENT_DATA['wp.object.left.v1'].parse(objects[0]?.data);
    t.equal(left.clip, undefined, 'the report waited for no film');
    t.same(
      left.filmstrip?.map(({ moment }) => moment),
      ['before', 'put-down', 'alone', 'now'],
    );
    const { objectId, state, clip } = EVENT_DATA['wp.object.updated.v1'].parse(updated.data);
    t.equal(objectId, left.objectId);
    t.equal(state, undefined, 'a film says nothing of the state, which may have changed while it was made');
    const sent = blobs.find(({ reference }) => reference.mediaType === 'video/webm');
    t.same(sent?.reference, clip, 'what is announced is what is sent');
    const film = readFileSync(join(folder, `${clip?.blobId}.webm`));
    t.equal(film.subarray(0, 4).toString('hex'), EBML);
    t.equal(film.length, clip?.bytes);
    t.equal(createHash('sha256').update(film).digest('hex'), clip?.sha256);
  },
);
