import type { Measurements } from '#contract/event-data.ts';
import { measured } from '../consult/advice.ts';
import type { Settings } from '../settings.ts';
import type { StaticTrack } from '../tracking/track.ts';
import { type Figure, ghostScore, personScore } from './scores.ts';

const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
const maybe = (value: number | null): number | null => (value === null ? null : rounded(value));

/** The figures that an event about `track` carries; `lightChange` is the light now over that of the background. */
export function measurementsOf(
  track: StaticTrack,
  figure: Figure,
  settings: Settings,
  t: number,
  lightChange: number,
): Measurements {
  const { attendance, look, life, advice } = track;
  const since = attendance?.leftT ?? life.aloneT ?? t;
  const aloneS = Math.max(0, t - since);
  return {
    dwellS: rounded(aloneS, 1),
    ownerLastSeenT: maybe(attendance?.ownerT ?? null),
    broughtWithin: maybe(attendance?.broughtWithin ?? null),
    ownerDistance: maybe(attendance?.ownerDistance ?? null),
    nearestDistance: maybe(attendance?.nearestDistance ?? null),
    heightInPersons: rounded(figure.tall),
    widthInPersons: rounded(figure.wide),
    ghostScore: look === null ? 0 : rounded(ghostScore(look, settings), 3),
    personScore: rounded(personScore(figure, settings), 3),
    edgeRatio: look === null ? 1 : rounded(look.edgeRatio),
    residualMotion: rounded(track.residualMotion, 3),
    lightChange: rounded(lightChange),
    clearShare: aloneS === 0 ? 0 : rounded(Math.min(1, track.clearS / aloneS)),
    ...(advice === null ? {} : { model: measured(advice) }),
  };
}
