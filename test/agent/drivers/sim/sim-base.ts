import { SimBase } from '#agent/drivers/sim/base.ts';
import { SimBaseConfig } from '#agent/drivers/sim/config.ts';
import type { RobotOrder } from '#agent/drivers/sim/robot-orders.ts';
import type { SimWorld } from '#agent/drivers/sim/world.ts';
import type { Drive, DriveGoal, DriveOutcome, Pose } from '#agent/ports/base.ts';
import { ManualDeviceClock } from '#test/agent/behaviours/fakes.ts';
import { simWorld } from './sim-world.ts';

export interface SimBaseRig {
  readonly base: SimBase;
  readonly world: SimWorld;
  readonly clock: ManualDeviceClock;
  readonly order: (order: RobotOrder) => void;
  /** Where it truly is. */
  readonly truth: () => Pose;
}

/** A base that is started at 0, 0 on the map `site`, looking along x. */
export async function simBase(config: Record<string, unknown> = {}): Promise<SimBaseRig> {
  const clock = new ManualDeviceClock();
  const parsed = SimBaseConfig.parse({ driver: 'sim', map: 'site', ...config });
  const { map, x, y, theta } = parsed;
  const world = simWorld({ pose: { map, x, y, theta } });
  const base = new SimBase({ world, clock, config: parsed });
  await base.start();
  return { base, world, clock, order: (order) => world.robot.order(order), truth: () => world.pose() };
}

/** Somebody who drives as they should, twenty times a second, until it ends or the time is over. */
export async function driven(
  { base, clock }: Pick<SimBaseRig, 'base' | 'clock'>,
  goal: DriveGoal,
  { forS = 120, maxMps = 1 }: { forS?: number; maxMps?: number } = {},
): Promise<DriveOutcome | null> {
  const drive: Drive = base.drive(goal, { forMs: 300, maxMps });
  for (let ticks = 0; ticks < forS * 20 && drive.outcome === null; ticks += 1) {
    await clock.advance(50);
    drive.refresh({ forMs: 300, maxMps });
  }
  return drive.outcome;
}

export const at = (x: number, y: number, theta = 0): Pose => ({ map: 'site', x, y, theta });
