import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlaceFolder } from '#agent/vision/visits/place-folder.ts';
import type { WatchpostError } from '#contract/errors.ts';
import { itineraryOf } from '../scenes/round/itinerary.ts';
import { judgeRound, ROUND_SIZE } from '../scenes/round/judge.ts';
import { type RoundScore, scoreOf } from '../scenes/round/score.ts';

export interface RoundRow extends RoundScore {
  readonly seed: number;
  /** Visits that could not be brought into line. */
  readonly displaced: number;
}

export interface RoundBench {
  readonly rows: readonly RoundRow[];
  readonly total: RoundScore & { readonly displaced: number };
}

export interface RoundOptions {
  readonly seeds?: number | undefined;
  readonly firstSeed?: number | undefined;
  readonly onStep: (what: string) => void;
}

const SEEDS = 6;
/** Six rounds of four stops: 24 visits. */
const ROUNDS = 6;
const STOPS = 4;

/** A robot's rounds through the drawn hall, what it remembers on the disk as on a device. Throws what files throw. */
export function benchRound({ seeds = SEEDS, firstSeed = 1, onStep }: RoundOptions): RoundBench {
  const rows: RoundRow[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    onStep(`round, seed ${seed}`);
    rows.push(oneRound(seed));
  }
  const sum = (key: keyof Omit<RoundRow, 'seed'>) => rows.reduce((total, row) => total + row[key], 0);
  const total = {
    visits: sum('visits'),
    things: sum('things'),
    found: sum('found'),
    atOnce: sum('atOnce'),
    falseOnes: sum('falseOnes'),
    doubles: sum('doubles'),
    gone: sum('gone'),
    toldGone: sum('toldGone'),
    falselyGone: sum('falselyGone'),
    displaced: sum('displaced'),
  };
  return { rows, total };
}

function oneRound(seed: number): RoundRow {
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-round-'));
  try {
    const itinerary = itineraryOf({ seed, rounds: ROUNDS, stops: STOPS });
    const onTrouble = (error: WatchpostError) => {
      throw error;
    };
    const places = new PlaceFolder({ folder, onTrouble });
    const { told, reports } = judgeRound(itinerary, places, folder);
    const displaced = reports.filter(({ outcome }) => outcome === 'displaced').length;
    return { seed, ...scoreOf(itinerary, told, ROUND_SIZE), displaced };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
