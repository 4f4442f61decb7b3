import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import type { VisionKeeper } from './behaviours/detection/vision-keeper.ts';
import { mapOf, mapUnread } from './behaviours/drive/area.ts';
import { DriveControl } from './behaviours/drive/control.ts';
import type { AskMap } from './behaviours/drive/facts.ts';
import { StopTelling } from './behaviours/drive/stop-telling.ts';
import type { HealthBoard } from './behaviours/health/board.ts';
import type { PanicBehaviour } from './behaviours/panic/runner.ts';
import type { VoiceArbiter } from './behaviours/voice/arbiter.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import type { Hardware } from './hardware.ts';
import type { Base } from './ports/base.ts';
import { type DriveArea, DriveSettings } from './ports/drive.ts';
import type { DriveDesk } from './ports/driving.ts';
import type { Link } from './ports/link.ts';
import type { LampPattern } from './ports/outputs.ts';
import type { DeviceProfile } from './ports/profile.ts';
import type { AgentSettings } from './settings.ts';
import type { Spine } from './spine.ts';

/** What a robot's wheels stand on. Loaded by robots alone. */
export interface RobotWiring {
  readonly profile: DeviceProfile;
  readonly settings: AgentSettings;
  readonly log: Log;
  readonly spine: Spine;
  readonly board: HealthBoard;
  readonly panic: PanicBehaviour;
  readonly voice: VoiceArbiter;
  readonly vision: VisionKeeper | null;
  readonly hardware: Hardware;
  readonly world: SimWorld | null;
  readonly place: () => Place;
}

/** A robot that may move. */
export interface Robot {
  /** Where to ask for a drive. */
  readonly desk: DriveDesk;
  close(): void;
  /** A part of `up/state`. */
  describe(): { stops: string[]; doing: string; battery: number | null; docked: boolean };
  /** What the lamp shows instead of what the alarm button has for it. */
  lamp(): { lamp?: LampPattern };
  /** A part of `sim state`. */
  sim(): { x: number; y: number; stops: string[]; doing: string };
}

/** In the data folder of a device: a folder as docs/site-map.md says. */
export const MAP_FOLDER = 'map';

/** Starts to watch over the base, once that is started. */
export async function startRobot(parts: RobotWiring, base: Base): Promise<Robot> {
  const { profile, log, spine, board, panic, voice, vision, hardware, place } = parts;
  const { clock, journal, link } = spine;
  const settings = DriveSettings.parse(profile.drive ?? {});
  const map = await readMap(parts, settings.areas);
  const telling = new StopTelling({
    ...{ recorder: journal, voice, place, clock, log, lamp: hardware.lamp },
    alarmLamp: () => panic.outputs().lamp,
  });
  const lost = new LostLink(link, () => clock.monoMs());
  const control = new DriveControl({
    ...{ base, settings, map, clock, log },
    people: () => {
      const count = vision?.people ?? 0;
      return count === 0 ? null : { count, atMs: clock.monoMs() };
    },
    isCalling: () => panic.phase !== 'idle' && panic.phase !== 'closed',
    linkLostForMs: () => lost.forMs,
    onStops: (changes, causes) => {
      telling.changed(changes, causes);
      link.stateChanged();
    },
    onLowBattery: (charge) => board.report('base-battery', charge === null ? { state: 'ok' } : lowAt(charge)),
    onHoming: (end) =>
      board.report(
        'dock',
        end === null ? { state: 'ok' } : { state: 'degraded', code: 'WP2808', detail: end.ended },
      ),
    onTick: () => undefined,
  });
  // On the way of the alarm: what it shows is looked at once that is done.
  const ends = [
    panic.onShown(() => void clock.after(0, () => telling.show())),
    panic.onShown(() => void clock.after(0, () => control.tick())),
  ];
  control.start();
  return {
    desk: control.desk,
    close: () => {
      for (const end of ends.splice(0)) end();
      lost.close();
      control.close();
    },
    describe: () => describe(control),
    lamp: () => (telling.isShown ? { lamp: 'stopped' } : {}),
    sim: () => {
      const { x, y } = parts.world?.pose() ?? base.pose();
      const { stops, doing } = describe(control);
      return { x, y, stops, doing };
    },
  };
}

function describe({ causes, doing, reading }: DriveControl): ReturnType<Robot['describe']> {
  const battery = reading?.battery?.charge ?? null;
  return { stops: [...causes], doing, battery, docked: reading?.isDocked ?? false };
}

const lowAt = (charge: number) =>
  ({ state: 'degraded', code: 'WP2807', detail: `${Math.round(charge * 100)} %` }) as const;

/** The map of the site where it is on the robot, else the areas of its profile. */
async function readMap({ settings, board, log }: RobotWiring, areas: readonly DriveArea[]): Promise<AskMap> {
  const folder = join(settings.dataDir, MAP_FOLDER);
  if (!existsSync(folder)) return mapOf(areas);
  const { areasOfMap } = await import('./behaviours/drive/map-areas.ts');
  const { areas: read, problem } = areasOfMap(folder);
  if (problem === null) return mapOf(read);
  log.error({ folder, code: 'WP2806', problem }, 'drive.map-unread');
  board.report('site-map', { state: 'failed', code: 'WP2806', detail: problem.slice(0, 400) });
  return mapUnread;
}

/** How long there has been no link. */
class LostLink {
  readonly #nowMs: () => number;
  readonly #end: () => void;
  #sinceMs: number | null;

  constructor(link: Pick<Link, 'state' | 'onState'>, nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#sinceMs = link.state === 'up' ? null : nowMs();
    this.#end = link.onState((state) => {
      if (state === 'up') this.#sinceMs = null;
      else this.#sinceMs ??= nowMs();
    });
  }

  get forMs(): number | null {
    return this.#sinceMs === null ? null : this.#nowMs() - this.#sinceMs;
  }

  close(): void {
    this.#end();
  }
}
