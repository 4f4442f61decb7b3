import type { ObjectState } from '#contract/event-data.ts';

/**
 * What becomes of one thing that came to rest:
 *
 *     candidate ─▶ attended ◀─▶ unattended ─▶ reported ─▶ reclaimed | removed | fixture
 *
 * The first three may also end in `reclaimed` or `removed`, of which nobody is told. Nothing follows an end.
 */
export type Phase =
  | 'candidate'
  | 'attended'
  | 'unattended'
  | 'reported'
  | 'reclaimed'
  | 'removed'
  | 'fixture';

/** Where one thing stands. Times in seconds of stream time. */
export interface Lifecycle {
  readonly phase: Phase;
  /** Since when it has been alone: the dwell clock. Null while somebody is with it. */
  readonly aloneT: number | null;
  /** When it was reported; null before. */
  readonly reportedT: number | null;
  /** Reported: whether it was last said to be attended again. */
  readonly isSaidAttended: boolean;
}

/** What one judgement has seen of it. */
export interface Observation {
  readonly t: number;
  /** Seen as itself, perhaps hidden by somebody, or its place is empty. */
  readonly presence: 'seen' | 'covered' | 'gone';
  /** Since when it has been alone as `Attendance` tells; null while who left it is with it. */
  readonly aloneT: number | null;
  /** Every test is passed: it may be reported as soon as it is due. */
  readonly isProven: boolean;
  /** Who took it, where its place is empty. */
  readonly takenBy: 'owner' | 'other';
}

/** How long things take, in seconds. */
export interface LifecycleRules {
  /** Alone for this long: due. */
  readonly dwellS: number;
  /** Reported and still there after this long: part of the scene from now on. */
  readonly fixtureS: number;
}

/** What the dispatcher is told. `left` once a thing, then `updated`, then at most one end. */
export interface Told {
  readonly change: 'left' | 'updated' | 'reclaimed' | 'removed';
  readonly state: ObjectState;
}

export interface Step {
  readonly life: Lifecycle;
  readonly told: Told | null;
}

export const CANDIDATE: Lifecycle = {
  phase: 'candidate',
  aloneT: null,
  reportedT: null,
  isSaidAttended: false,
};

export const isOver = ({ phase }: Lifecycle): boolean =>
  phase === 'reclaimed' || phase === 'removed' || phase === 'fixture';

const LEFT: Told = { change: 'left', state: 'unattended' };
const ATTENDED_AGAIN: Told = { change: 'updated', state: 'attended' };
const ALONE_AGAIN: Told = { change: 'updated', state: 'unattended' };
const FIXTURE: Told = { change: 'updated', state: 'fixture' };
const TAKEN = {
  owner: { change: 'reclaimed', state: 'reclaimed' },
  other: { change: 'removed', state: 'removed' },
} as const satisfies Record<string, Told>;
const OVER = { owner: 'reclaimed', other: 'removed' } as const satisfies Record<string, Phase>;

/** The next state after `seen`, and what is to be told. Answers `life` itself where nothing has changed. */
export function advanced(life: Lifecycle, seen: Observation, rules: LifecycleRules): Step {
  if (isOver(life)) return { life, told: null };
  if (seen.presence === 'gone') {
    const told = life.phase === 'reported' ? TAKEN[seen.takenBy] : null;
    return { life: { ...life, phase: OVER[seen.takenBy] }, told };
  }
  return life.phase === 'reported' ? watched(life, seen, rules) : timed(life, seen, rules);
}

/** Before it is reported: the dwell clock runs while it is alone. */
function timed(life: Lifecycle, seen: Observation, { dwellS }: LifecycleRules): Step {
  const { aloneT, t } = seen;
  if (aloneT !== null && seen.presence === 'seen' && seen.isProven && t - aloneT >= dwellS) {
    return { life: { phase: 'reported', aloneT, reportedT: t, isSaidAttended: false }, told: LEFT };
  }
  const phase = aloneT === null ? 'attended' : 'unattended';
  if (phase === life.phase && aloneT === life.aloneT) return { life, told: null };
  return { life: { ...life, phase, aloneT }, told: null };
}

/**
 * Reported: attended again is told at once, since `Attendance` takes its time to say so; alone again only after
 * the whole dwell time, like the first report. So updates come at most twice a dwell time, whoever walks up and down.
 */
function watched(life: Lifecycle, seen: Observation, { dwellS, fixtureS }: LifecycleRules): Step {
  const { aloneT, t } = seen;
  const current = aloneT === life.aloneT ? life : { ...life, aloneT };
  if (aloneT === null) {
    if (life.isSaidAttended) return { life: current, told: null };
    return { life: { ...current, isSaidAttended: true }, told: ATTENDED_AGAIN };
  }
  if (life.isSaidAttended) {
    if (t - aloneT < dwellS) return { life: current, told: null };
    return { life: { ...current, isSaidAttended: false }, told: ALONE_AGAIN };
  }
  if (t - (life.reportedT ?? t) < fixtureS) return { life: current, told: null };
  return { life: { ...current, phase: 'fixture' }, told: FIXTURE };
}
