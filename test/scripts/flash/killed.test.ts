import t from 'tap';
import { cardVictim, imageVictim, killAtSteps, type Toll } from './kills.ts';
import { NO_FAT } from './kit.ts';
import { NO_TRACE } from './write-trace.ts';

t.setTimeout(170_000);

/** The extended suite kills before every step. */
const [CARD_EVERY, IMAGE_EVERY] = [8, 4];

const told = ({ kills, before, after }: Toll) => `${kills} kills: ${before} found the old, ${after} the new`;

t.test(
  'the command killed over a device’s folder leaves the old or the new, and goes through the next time',
  { skip: NO_TRACE },
  async (t) => {
    const toll = await killAtSteps(t, await cardVictim(t), CARD_EVERY);
    t.strictSame(toll.bad, []);
    t.ok(toll.kills >= 2, told(toll));
  },
);

t.test(
  'the command killed over a card’s image leaves the newest whole, and goes through the next time',
  { skip: NO_FAT === false ? NO_TRACE : NO_FAT },
  async (t) => {
    const toll = await killAtSteps(t, await imageVictim(t), IMAGE_EVERY);
    t.strictSame(toll.bad, []);
    t.ok(toll.kills >= 1, told(toll));
  },
);
