import { Dice } from '../random.ts';
import { type Hall, hallOf, type Solid, STOPS, type Stop, standing } from './hall.ts';
import type { Lighting } from './paint.ts';
import type { Eye } from './view.ts';

/** A thing that somebody left in the hall; visits count from 0. */
export interface Thing {
  readonly name: string;
  readonly stop: number;
  readonly solid: Solid;
  /** The round from whose visit on it is there. */
  readonly fromRound: number;
  /** Put down in the middle of that visit, by somebody who walks off. */
  readonly isBrought: boolean;
  /** Somebody stands beside it during its first visit. */
  readonly inCompany: boolean;
  /** The round at which it is gone. */
  readonly untilRound: number;
}

/** Somebody in the hall during one visit: walks past, or stands for all of it. */
export interface Guest {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** Seconds into the stay. */
  readonly startS: number;
  readonly speed: number;
  readonly tallM: number;
  readonly albedo: number;
  readonly seed: number;
}

/** One stay at one stop. */
export interface Visit {
  readonly round: number;
  readonly stop: Stop;
  readonly stopIndex: number;
  /** Where it really parked. */
  readonly eye: Eye;
  readonly lighting: Lighting;
  /** How the camera exposes: level = 255 × (light × gain) ^ gamma. */
  readonly gain: number;
  readonly gamma: number;
  readonly guests: readonly Guest[];
}

/** A robot's rounds through a hall, with everything that is true of it. */
export interface Itinerary {
  readonly hall: Hall;
  readonly visits: readonly Visit[];
  readonly things: readonly Thing[];
}

export interface ItineraryOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly stops: number;
}

/** How a robot misses its mark: metres and radians, uniform. */
const PARK_ERROR_M = 0.05;
const PARK_ERROR_RAD = (2 * Math.PI) / 180;
const PITCH_ERROR_RAD = (0.15 * Math.PI) / 180;
/** As a robot of a person's height carries it. */
export const CAMERA_MOUNT = { heightM: 1.15, pitchDeg: 9, fieldOfViewDeg: 53 };
/** Before this round nothing is left: two visits make a reference. */
const FIRST_THING = 2;

export function itineraryOf({ seed, rounds, stops }: ItineraryOptions): Itinerary {
  const dice = new Dice(seed);
  const hall = hallOf(seed);
  const things = STOPS.slice(0, stops).flatMap((stop, index) => thingsAt(stop, index, hall, rounds, dice));
  const visits: Visit[] = [];
  for (let round = 0; round < rounds; round++) {
    STOPS.slice(0, stops).forEach((stop, stopIndex) => {
      visits.push(visitAt(stop, stopIndex, round, hall, things, dice));
    });
  }
  return { hall, visits, things };
}

function visitAt(
  stop: Stop,
  stopIndex: number,
  round: number,
  hall: Hall,
  things: readonly Thing[],
  dice: Dice,
): Visit {
  const eye = {
    x: stop.x + dice.between(-PARK_ERROR_M, PARK_ERROR_M),
    y: stop.y + dice.between(-PARK_ERROR_M, PARK_ERROR_M),
    z: CAMERA_MOUNT.heightM,
    theta: stop.theta + dice.between(-PARK_ERROR_RAD, PARK_ERROR_RAD),
    pitch: (CAMERA_MOUNT.pitchDeg * Math.PI) / 180 + dice.between(-PITCH_ERROR_RAD, PITCH_ERROR_RAD),
  };
  const here = things.filter((thing) => thing.stop === stopIndex && thing.fromRound === round);
  const guests = [
    ...passersBy(stop, dice),
    ...standers(stop, hall, things, dice),
    ...here.filter((thing) => thing.inCompany).map((thing) => companion(thing, dice)),
    ...here.filter((thing) => thing.isBrought).flatMap((thing) => bringer(thing, stop, dice)),
  ];
  return {
    round,
    stop,
    stopIndex,
    eye,
    lighting: lightingAt(stop, round, hall, dice),
    gain: dice.between(0.6, 1.4),
    gamma: dice.between(0.75, 1.1),
    guests,
  };
}

/** From the third visit on, one lamp or two may be out, and the sun may come in. */
function lightingAt(stop: Stop, round: number, hall: Hall, dice: Dice): Lighting {
  const lamps = hall.lamps.map(() => dice.between(0.85, 1.15));
  const sun = dice.chance(0.3)
    ? {
        ...ahead(stop, dice.between(3, 6), dice.between(-0.8, 0.8)),
        length: dice.between(0.7, 1.6),
        width: dice.between(0.4, 0.9),
        gain: dice.between(1.3, 1.7),
      }
    : null;
  if (round < FIRST_THING) return { lamps, ambient: 0.45, sun: null };
  const dark = dice.whole(0, 2);
  for (let count = 0; count < dark; count++) lamps[dice.whole(0, lamps.length - 1)] = 0;
  return { lamps, ambient: dice.between(0.3, 0.5), sun };
}

function ahead(stop: Stop, distance: number, sideways: number): { x: number; y: number } {
  return {
    x: stop.x + distance * Math.cos(stop.theta) - sideways * Math.sin(stop.theta),
    y: stop.y + distance * Math.sin(stop.theta) + sideways * Math.cos(stop.theta),
  };
}

/** One thing a stop, in turn: found by its dwell, by a second visit, or brought while the robot looks on. */
function thingsAt(stop: Stop, index: number, hall: Hall, rounds: number, dice: Dice): Thing[] {
  if (rounds <= FIRST_THING) return [];
  const fromRound = FIRST_THING + dice.whole(0, Math.max(0, Math.min(2, rounds - FIRST_THING - 2)));
  const kind = (index + dice.whole(0, 2)) % 3;
  const untilRound = dice.chance(0.5) ? Math.min(rounds, fromRound + 2) : rounds;
  const albedo = dice.chance(0.6) ? dice.between(0.05, 0.2) : dice.between(0.75, 0.95);
  const size = [dice.between(0.3, 0.5), dice.between(0.2, 0.4), dice.between(0.32, 0.6)] as const;
  const at = freeSpot(stop, hall, dice);
  return [
    {
      name: `thing ${index}`,
      stop: index,
      solid: standing(
        [at.x, at.y],
        size,
        albedo,
        albedo < 0.5 ? dice.one(['plain', 'stripes']) : 'plain',
        dice.whole(1, 9999),
      ),
      fromRound,
      isBrought: kind === 2,
      inCompany: kind === 1,
      untilRound,
    },
  ];
}

/** A place on the floor in front of a stop that no furniture covers. */
function freeSpot(stop: Stop, hall: Hall, dice: Dice): { x: number; y: number } {
  for (let tries = 0; tries < 200; tries++) {
    const distance = dice.between(3, 5);
    const spot = ahead(stop, distance, dice.between(-0.3, 0.3) * distance);
    if (isFree(spot, stop, hall)) return spot;
  }
  return ahead(stop, 3, 0);
}

/** Within the hall, clear of what stands there, and in plain view. */
function isFree(spot: { x: number; y: number }, stop: Stop, hall: Hall): boolean {
  if (spot.x < 0.8 || spot.y < 0.8 || spot.x > hall.length - 0.8 || spot.y > hall.width - 0.8) return false;
  for (let share = 0.1; share <= 1.05; share += 0.05) {
    const at = { x: stop.x + (spot.x - stop.x) * share, y: stop.y + (spot.y - stop.y) * share };
    const margin = 0.5;
    const isBlocked = hall.solids.some(
      ({ min, max }) =>
        at.x > min.x - margin && at.x < max.x + margin && at.y > min.y - margin && at.y < max.y + margin,
    );
    if (isBlocked) return false;
  }
  return true;
}

function someone(dice: Dice): Pick<Guest, 'tallM' | 'albedo' | 'seed'> {
  return {
    tallM: dice.between(1.55, 1.85),
    albedo: dice.chance(0.5) ? dice.between(0.05, 0.2) : dice.between(0.65, 0.85),
    seed: dice.whole(1, 9999),
  };
}

function passersBy(stop: Stop, dice: Dice): Guest[] {
  return Array.from({ length: dice.whole(0, 2) }, () => {
    const distance = dice.between(3, 7);
    const side = dice.sign();
    const reach = 0.75 * distance;
    const from = ahead(stop, distance, side * reach);
    const to = ahead(stop, distance + dice.between(-0.5, 0.5), -side * reach);
    return {
      ...someone(dice),
      from: [from.x, from.y],
      to: [to.x, to.y],
      startS: dice.between(0, 11),
      speed: dice.between(0.9, 1.5),
    } as const;
  });
}

/** Now and then somebody stands about for the whole stay, away from every thing. */
function standers(stop: Stop, hall: Hall, things: readonly Thing[], dice: Dice): Guest[] {
  if (!dice.chance(0.35)) return [];
  const spot = freeSpot(stop, hall, dice);
  const isAway = things.every(({ solid: { min } }) => Math.hypot(min.x - spot.x, min.y - spot.y) > 2.6);
  if (!isAway) return [];
  const at = [spot.x, spot.y] as const;
  return [{ ...someone(dice), from: at, to: at, startS: 0, speed: 0 }];
}

function companion({ solid: { min, max } }: Thing, dice: Dice): Guest {
  const at = [max.x + 0.35, (min.y + max.y) / 2] as const;
  return { ...someone(dice), from: at, to: at, startS: 0, speed: 0 };
}

/** Comes along, puts it down at `PUT_DOWN_S` in passing slowly, and walks off. */
function bringer({ solid: { min, max } }: Thing, stop: Stop, dice: Dice): Guest[] {
  const at = { x: (min.x + max.x) / 2, y: (min.y + max.y) / 2 };
  const speed = 0.8;
  const distance = Math.hypot(at.x - stop.x, at.y - stop.y);
  const side = dice.sign();
  const [ux, uy] = [-Math.sin(stop.theta) * side, Math.cos(stop.theta) * side];
  const reach = Math.max(speed * 3.2, 0.75 * distance);
  return [
    {
      ...someone(dice),
      from: [at.x - ux * reach, at.y - uy * reach],
      to: [at.x + ux * reach * 1.6, at.y + uy * reach * 1.6],
      startS: PUT_DOWN_S - reach / speed,
      speed,
    },
  ];
}

/** When a thing that is brought is put down, in seconds of the stay. */
export const PUT_DOWN_S = 9;
/** How long a stay lasts, and one during which something is brought. */
export const STAY_S = 17;
export const LONG_STAY_S = 24;
/** Minutes from one visit to the next of the same stop. */
export const ROUND_MINUTES = 12;
