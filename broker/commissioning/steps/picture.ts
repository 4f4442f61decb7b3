import { WatchpostError } from '#contract/errors.ts';
import { BlobReference } from '#contract/event-data.ts';
import { ifLate, type StepScript } from '../walk.ts';

/** A camera that was switched on with its device is well by then, or its failure is told. */
const CAMERA_LIMIT_S = 60;
/** Over a slow link. */
const PICTURE_LIMIT_S = 180;

/** The camera takes a picture, made unrecognisable on the device, and the person finds the zones where they belong. */
export const picture =
  (isWhole: (blobId: string) => boolean): StepScript =>
  async (walk, camera) => {
    walk.say('picture');
    const isWell = () =>
      ['vision', `camera-${camera}`].every((part) => walk.device.state?.health?.[part] === 'ok');
    await walk.until(isWell, CAMERA_LIMIT_S).catch(ifLate);
    const { result } = await walk.order('snapshot', camera === '' ? {} : { camera });
    const taken = BlobReference.safeParse(result);
    if (!taken.success) throw new WatchpostError('WP4514', { detail: 'snapshot: no picture' });
    const { blobId, mediaType, bytes, sha256 } = taken.data;
    await walk.until(() => isWhole(blobId), PICTURE_LIMIT_S);
    const zones = walk.device.state?.parts?.camera?.zones ?? [];
    walk.found.pictures.push({
      ...{ blobId, mediaType, bytes, sha256 },
      zones: zones.map(({ name, points }) => ({ name, points })),
    });
    await walk.confirm('picture.right', { zones: zones.map(({ name }) => name).join(', ') || '–' });
  };
