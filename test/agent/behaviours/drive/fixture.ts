import { mapOf } from '#agent/behaviours/drive/area.ts';
import { DriveControl } from '#agent/behaviours/drive/control.ts';
import type { PeopleNear, SafetyFacts } from '#agent/behaviours/drive/facts.ts';
import type { BaseContacts, BaseReading, PoseEstimate } from '#agent/ports/base.ts';
import { DriveSettings } from '#agent/ports/drive.ts';
import type { DriveEnd, DriveRequest, Driving } from '#agent/ports/driving.ts';
import type { StopCause } from '#contract/event-robot.ts';
import { silentLog } from '#test/agent/behaviours/fakes.ts';
import { type SimBaseRig, simBase } from '#test/agent/drivers/sim/sim-base.ts';

const RELEASED: BaseContacts = { emergencyStop: 'released', bumper: 'released', lifted: 'released' };

export const estimateAt = (change: Partial<PoseEstimate> = {}): PoseEstimate => ({
  pose: { map: 'site', x: 0, y: 0, theta: 0 },
  covariance: [0, 0, 0, 0],
  isLocalized: true,
  ...change,
});

/** A base that stands, with nothing wrong. */
export function reading({
  contacts,
  ...change
}: Partial<Omit<BaseReading, 'contacts'>> & { contacts?: Partial<BaseContacts> } = {}): BaseReading {
  return {
    atMs: 0,
    estimate: estimateAt(),
    motion: { linearMps: 0, angularRadps: 0, isStill: true },
    wheels: [],
    battery: { charge: 0.9, isCharging: false },
    contacts: { ...RELEASED, ...contacts },
    tiltDeg: 0,
    obstacleM: Number.POSITIVE_INFINITY,
    isDocked: false,
    ...change,
  };
}

export const facts = (change: Partial<SafetyFacts> = {}): SafetyFacts => ({
  nowMs: 0,
  reading: reading(),
  place: null,
  isCalling: false,
  people: null,
  stuckForMs: 0,
  isAbandoned: false,
  ...change,
});

export const settings = (change: Record<string, unknown> = {}): DriveSettings => DriveSettings.parse(change);

/** A square of 10 m around the start, with a slow and a shut corner. */
export const AREA = {
  map: 'site',
  bounds: [
    [-5, -5],
    [5, -5],
    [5, 5],
    [-5, 5],
  ],
  noGo: [
    [
      [3, 3],
      [5, 3],
      [5, 5],
      [3, 5],
    ],
  ],
  slow: [
    {
      polygon: [
        [-5, -5],
        [-3, -5],
        [-3, -3],
        [-5, -3],
      ],
      maxMps: 0.2,
    },
  ],
};

export interface Controlled extends SimBaseRig {
  readonly control: DriveControl;
  /** Of every change: what began (+) and what ended (-). */
  readonly told: string[];
  readonly battery: (number | null)[];
  readonly homing: (DriveEnd | null)[];
  /** Around it, for the test to change. */
  readonly around: { isCalling: boolean; linkLostForMs: number | null; people: PeopleNear | null };
}

/** A simulated base under control, after its first tick. */
export async function controlled(
  config: Record<string, unknown> = {},
  drive: Record<string, unknown> = {},
): Promise<Controlled> {
  const rig = await simBase(config);
  const told: string[] = [];
  const battery: (number | null)[] = [];
  const homing: (DriveEnd | null)[] = [];
  const around: Controlled['around'] = { isCalling: false, linkLostForMs: null, people: null };
  const parsed = settings(drive);
  const control = new DriveControl({
    ...{ base: rig.base, clock: rig.clock, log: silentLog, settings: parsed, map: mapOf(parsed.areas) },
    people: () => around.people,
    isCalling: () => around.isCalling,
    linkLostForMs: () => around.linkLostForMs,
    onStops: ({ began, ended }: { began: readonly StopCause[]; ended: readonly StopCause[] }) => {
      told.push(...began.map((cause) => `+${cause}`), ...ended.map((cause) => `-${cause}`));
    },
    onLowBattery: (charge) => void battery.push(charge),
    onHoming: (end) => void homing.push(end),
    onTick: () => undefined,
  });
  control.start();
  await rig.clock.advance(100);
  return { ...rig, control, told, battery, homing, around };
}

/** Somebody who asks for a drive and refreshes it every 50 ms until it ends. */
export class Driver {
  readonly ends: DriveEnd[] = [];
  granted: boolean;
  readonly #stop: () => void;

  constructor(
    { control, clock }: Pick<Controlled, 'control' | 'clock'>,
    request: Omit<DriveRequest, 'onEnd'>,
  ) {
    let driving: Driving | null = null;
    const asked = control.desk.ask({
      ...request,
      onEnd: (end) => {
        this.ends.push(end);
        driving = null;
      },
    });
    this.granted = asked.granted;
    if (asked.granted) driving = asked.driving;
    this.#stop = clock.every(50, () => driving?.refresh());
  }

  /** Says nothing any more. */
  freeze(): void {
    this.#stop();
  }
}

export const to = (x: number, y: number, theta = 0) =>
  ({ kind: 'pose', pose: { map: 'site', x, y, theta } }) as const;
