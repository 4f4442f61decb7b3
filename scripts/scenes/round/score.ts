import type { Box } from '#contract/event-data.ts';
import type { Itinerary, Thing, Visit } from './itinerary.ts';
import { boxOf, isThere } from './play.ts';

/** What was told at one visit. */
export interface Told {
  readonly change: 'left' | 'updated' | 'reclaimed' | 'removed';
  readonly objectId: string;
  readonly box: Box;
  readonly visit: Visit;
}

/** What a round came to, beside what was true. */
export interface RoundScore {
  readonly visits: number;
  readonly things: number;
  /** Things reported while they were there, and of these at the very visit that first showed them. */
  readonly found: number;
  readonly atOnce: number;
  /** Reports of what is no thing, and of things already reported. */
  readonly falseOnes: number;
  readonly doubles: number;
  /** Things reported and later gone while the rounds went on, and those of them told to be gone. */
  readonly gone: number;
  readonly toldGone: number;
  /** Said to be gone though there. */
  readonly falselyGone: number;
}

/** Boxes within half their size count as the truth. */
const GROWN = 0.5;

export function scoreOf(
  { things, visits }: Itinerary,
  told: readonly Told[],
  size: readonly [number, number],
): RoundScore {
  const idOf = new Map<Thing, string>();
  const atOnce = new Set<Thing>();
  const score = { falseOnes: 0, doubles: 0, toldGone: 0, falselyGone: 0 };
  for (const each of told) {
    if (each.change === 'left') {
      const thing = things.find((one) => isThere(one, each.visit) && fits(each, one, size));
      if (thing === undefined) score.falseOnes++;
      else if (idOf.has(thing)) score.doubles++;
      else {
        idOf.set(thing, each.objectId);
        if (each.visit.round === thing.fromRound) atOnce.add(thing);
      }
    } else if (each.change !== 'updated') {
      const [thing] = [...idOf].find(([, id]) => id === each.objectId) ?? [];
      if (thing !== undefined && !isThere(thing, each.visit)) score.toldGone++;
      else if (thing !== undefined) score.falselyGone++;
    }
  }
  const rounds = Math.max(...visits.map(({ round }) => round)) + 1;
  const gone = [...idOf.keys()].filter(({ untilRound }) => untilRound < rounds).length;
  return {
    visits: visits.length,
    things: things.length,
    found: idOf.size,
    atOnce: atOnce.size,
    gone,
    ...score,
  };
}

export function fits(
  { box, visit }: Pick<Told, 'box' | 'visit'>,
  thing: Thing,
  [width, height]: readonly [number, number],
): boolean {
  const truth = boxOf(thing, visit, width, height);
  if (truth === null) return false;
  const [x, y] = [box[0] + box[2] / 2, box[1] + box[3] / 2];
  const isWithin =
    Math.abs(x - truth[0] - truth[2] / 2) <= (truth[2] * (1 + GROWN)) / 2 &&
    Math.abs(y - truth[1] - truth[3] / 2) <= (truth[3] * (1 + GROWN)) / 2;
  return isWithin && box[2] * box[3] <= 4 * truth[2] * truth[3];
}
