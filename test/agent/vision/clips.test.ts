import t from 'tap';
import { benchClips, clipsIn, SHARED_CLIPS } from '#scripts/bench/detect-clips.ts';

const clips = clipsIn();
const skip = clips === null ? `no clips of real scenes in ${SHARED_CLIPS}` : false;

t.test(
  'real scenes: all five things left are found where they are, and nothing else',
  { skip },
  async (t) => {
    const { rows, total } = await benchClips(clips ?? []);
    for (const row of rows) t.comment(JSON.stringify(row));
    t.match(total, { expected: 5, found: 5, centred: 5, falseAlarms: 0 });
  },
);
