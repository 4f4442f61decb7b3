import * as z from 'zod';
import type { Reach } from './rules.ts';

/** Who is told when nobody has acknowledged for so long. */
export const EscalationRung = z.strictObject({
  name: z.string().min(1).max(60),
  /** Seconds since the site had the alarm on its disk. */
  afterS: z.number().min(0).max(86_400),
  /** The consoles sound; the incident is on their list from the first moment anyway. */
  consoles: z.boolean().default(false),
  /** Which robot by distance is named. It is named only: orders to robots are not sent yet. */
  robot: z.enum(['nearest', 'second']).optional(),
  /** Names of notifiers. */
  notify: z.array(z.string().min(1).max(60)).max(16).default([]),
});
export type EscalationRung = z.infer<typeof EscalationRung>;

export const EscalationTable = z
  .array(EscalationRung)
  .min(1)
  .max(16)
  .refine((rungs) => rungs.every((rung, index) => rung.afterS >= (rungs[index - 1]?.afterS ?? 0)), {
    error: 'afterS must not go down from rung to rung',
  });
export type EscalationTable = readonly EscalationRung[];

/** The 1-3-5-minute circle (DESIGN, Incidents). The notifiers named here are used when they are configured. */
export const DEFAULT_ESCALATION: EscalationTable = [
  { name: 'nearest-robot-and-consoles', afterS: 0, consoles: true, robot: 'nearest', notify: [] },
  { name: 'site-guards', afterS: 60, consoles: false, notify: ['guards'] },
  {
    name: 'neighbouring-posts',
    afterS: 180,
    consoles: false,
    robot: 'second',
    notify: ['neighbours'],
  },
  { name: 'upstream-centre', afterS: 300, consoles: false, notify: ['centre'] },
];

/** How far a running escalation has come. */
export interface EscalationProgress {
  readonly reach: Reach;
  readonly elapsedMs: number;
  /** Rungs already reached in this round. */
  readonly reached: ReadonlySet<number>;
  readonly consoles: number;
}

/**
 * The rungs to take now. Where nobody looks at a console when the first is reached, the second is taken with it:
 * waiting a minute for a person who is not there helps nobody. Later rungs keep their times.
 */
export function dueRungs(table: EscalationTable, progress: EscalationProgress): number[] {
  const nobodyLooks = progress.consoles === 0 && !progress.reached.has(0);
  return openRungs(table, progress).filter((index) => {
    const afterMs = (table[index]?.afterS ?? 0) * 1000;
    return progress.elapsedMs >= afterMs || (index === 1 && nobodyLooks);
  });
}

/** Milliseconds after the start of the round at which the next rung is due, or null when none is left. */
export function nextRungAfterMs(
  table: EscalationTable,
  progress: Pick<EscalationProgress, 'reach' | 'reached'>,
): number | null {
  const [next] = openRungs(table, progress);
  const rung = next === undefined ? undefined : table[next];
  return rung === undefined ? null : rung.afterS * 1000;
}

function openRungs(
  table: EscalationTable,
  { reach, reached }: Pick<EscalationProgress, 'reach' | 'reached'>,
): number[] {
  const reachable = { none: 0, first: 1, all: table.length }[reach];
  return [...table.keys()].filter((index) => index < reachable && !reached.has(index));
}
