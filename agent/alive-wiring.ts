import type { Log } from '#contract/log.ts';
import type { DeviceState } from '#contract/messages.ts';
import type { ServiceManager } from '#contract/service-manager.ts';
import { Alive } from './behaviours/alive/alive.ts';
import type { HealthBoard } from './behaviours/health/board.ts';
import type { PanicBehaviour } from './behaviours/panic/runner.ts';
import { divideControlGroup, enteringGroup } from './core/control-group.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { Start, StartNotes } from './ports/starts.ts';
import { VisionLimits } from './ports/vision-limits.ts';
import type { Spine } from './spine.ts';

/** How this run came about, and who looks after it; a bench has none. */
export interface RunParts {
  readonly start: Start;
  readonly notes: StartNotes;
  readonly manager: ServiceManager | null;
  /** Ends the agent in order, to be started again; null where nobody would. */
  readonly restart: (() => void) | null;
}

export interface AliveWiring {
  readonly run: RunParts | undefined;
  readonly log: Log;
  readonly spine: Spine;
  readonly board: HealthBoard;
  readonly panic: PanicBehaviour;
}

/** The signs of life are those of the alarm path, and none writes to the card: docs/staying-alive.md. */
export function makeAlive({ run, log, spine, board, panic }: AliveWiring): Alive | null {
  if (run === undefined) return null;
  const { journal, outbox, clock } = spine;
  const { start, notes, manager, restart } = run;
  return new Alive({
    ...{ start, notes, clock, log, recorder: journal },
    overseer: restart === null ? null : manager,
    restart: restart ?? (() => undefined),
    signs: [
      { name: 'journal', look: () => journal.probe() },
      { name: 'panic', look: () => panic.probe() },
      { name: 'outbox', look: () => outbox.probe() },
    ],
    report: (part, finding) => board.report(part, finding),
  });
}

/** A part of `up/state`. */
export function runState(run: RunParts | undefined): Pick<DeviceState, 'run'> {
  if (run === undefined) return {};
  const { cause, starts, mode } = run.start;
  return { run: { cause, starts, mode } };
}

/** The vision process gets limits of its own where this runs as a service; elsewhere nothing is touched. */
export function visionPlace({ profile, log, run }: VisionPlacing): readonly string[] {
  if (profile.camera === undefined || (run?.manager ?? null) === null) return [];
  const limits = VisionLimits.parse(profile.camera.limits ?? {});
  return enteringGroup(divideControlGroup({ limits, log }));
}

export interface VisionPlacing {
  readonly profile: DeviceProfile;
  readonly log: Log;
  readonly run?: RunParts | undefined;
}
