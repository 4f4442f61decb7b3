import { CANDIDATE, type Lifecycle } from '../judgement/lifecycle.ts';
import type { Rect } from './rect.ts';
import type { Attendance, StaticTrack } from './track.ts';

/**
 * A track as it is kept for a restart: plain values and a typed array. How anybody looks is left out, and so are the
 * numbers of the movers, which mean nothing afterwards.
 */
export interface TrackMemory {
  readonly id: number;
  readonly cells: Int32Array;
  readonly rect: Rect;
  readonly areaPx: number;
  readonly settledAreaPx: number;
  readonly restT: number;
  readonly seenT: number;
  readonly residualMotion: number;
  readonly stillT: number | null;
  readonly hasKeptStill: boolean;
  readonly clearS: number;
  readonly somebodyS: number;
  readonly isCutOut: boolean;
  readonly life: Lifecycle;
  readonly objectId: string | null;
  readonly reportedAs: string | null;
  readonly score: number;
  readonly dwellS: number;
  readonly attendance: AttendanceMemory | null;
}

interface AttendanceMemory {
  readonly broughtWithin: number | null;
  readonly liftPx: number;
  readonly walkedIn: boolean;
  readonly nearT: number;
  readonly ownerT: number | null;
  readonly leftT: number | null;
}

export function kept(track: StaticTrack): TrackMemory {
  const { component, settledAreaPx, attendance, life, objectId, reportedAs } = track;
  const { id, restT, seenT, residualMotion, stillT, hasKeptStill } = track;
  const { clearS, somebodyS, isCutOut, score, dwellS } = track;
  const { cells, rect, areaPx } = component;
  return {
    ...{ id, restT, seenT, residualMotion, stillT, hasKeptStill },
    ...{ clearS, somebodyS, isCutOut, score, dwellS },
    ...{ objectId, reportedAs },
    ...{ cells: cells.slice(), rect: { ...rect }, areaPx, settledAreaPx, life: { ...life } },
    attendance: attendance === null ? null : keptAttendance(attendance),
  };
}

function keptAttendance({
  broughtWithin,
  liftPx,
  walkedIn,
  nearT,
  ownerT,
  leftT,
}: Attendance): AttendanceMemory {
  return { broughtWithin, liftPx, walkedIn, nearT, ownerT, leftT };
}

/** People must be followed for this long to be known for people, and to stay. */
const REVIVAL_S = 3;

/** The track again, all its times moved by `byS`; `nowT` is when it goes on. */
export function revived(memory: TrackMemory, byS: number, nowT: number): StaticTrack {
  const { cells, rect, areaPx, life, attendance, ...plain } = memory;
  return {
    ...plain,
    component: { cells: cells.slice(), rect, areaPx },
    restT: memory.restT + byS,
    seenT: memory.seenT + byS,
    goneT: null,
    tracedAreaPx: memory.settledAreaPx,
    stoodOver: 0,
    overT: nowT,
    stillT: moved(memory.stillT, byS),
    isGhostly: false,
    life: { ...CANDIDATE, ...life, aloneT: moved(life.aloneT, byS), reportedT: moved(life.reportedT, byS) },
    look: null,
    advice: null,
    attendance: attendance === null ? null : revivedAttendance(attendance, byS, nowT),
  };
}

function revivedAttendance(memory: AttendanceMemory, byS: number, nowT: number): Attendance {
  return {
    members: new Set(),
    owners: new Set(),
    ownerLook: null,
    besideSince: new Map(),
    aroundSince: new Map(),
    broughtWithin: memory.broughtWithin,
    liftPx: memory.liftPx,
    cameOutOf: false,
    walkedIn: memory.walkedIn,
    nearT: memory.nearT + byS,
    walkedOff: true,
    nearSince: null,
    ownerT: moved(memory.ownerT, byS),
    ownerDistance: null,
    nearestDistance: null,
    openUntilT: memory.leftT === null ? nowT + REVIVAL_S : null,
    leftT: moved(memory.leftT, byS),
  };
}

const moved = (t: number | null, byS: number): number | null => (t === null ? null : t + byS);
