import t from 'tap';
import { type Base, DEAD_MAN_MS, type Drive, type DriveGoal, type DriveOutcome } from '#agent/ports/base.ts';

export interface BaseRig {
  /** Not started, on the map `site` at 0, 0, looking along x; at least 4 m free ahead and 2 m on both sides. */
  readonly base: Base;
  /** Lets time pass. */
  advance(ms: number): Promise<void>;
  /** Where it truly is. */
  truth(): { readonly x: number; readonly y: number };
  /** Works a contact; null where this base has none. */
  readonly press:
    | ((contact: 'emergencyStop' | 'bumper' | 'lifted', state: 'pressed' | 'released') => Promise<void>)
    | null;
  /** How far it may be off its goal. */
  readonly toleranceM: number;
  /** The least that its brakes reach. */
  readonly brakeMps2: number;
}

const TICK_MS = 50;
const MPS = 0.5;
const AHEAD: DriveGoal = { kind: 'pose', pose: { map: 'site', x: 3, y: 0, theta: 0 } };

/** What every base has to keep (agent/ports/base.ts). */
export function baseConformance(driver: string, make: () => Promise<BaseRig>): void {
  const hold = { forMs: DEAD_MAN_MS, maxMps: MPS };

  t.test(`${driver}: it goes to a pose while it is told to, and says when it is there`, async (t) => {
    const rig = await started(make);
    t.equal(await driven(rig, AHEAD, 60), 'arrived');
    const { x, y } = rig.truth();
    t.ok(Math.hypot(x - 3, y) <= rig.toleranceM, `${x}, ${y}`);
    await rig.base.close();
  });

  t.test(`${driver}: it follows a path through all its places`, async (t) => {
    const rig = await started(make);
    const place = (x: number, y: number) => ({ map: 'site', x, y, theta: 0 });
    const nearest = { m: Number.POSITIVE_INFINITY };
    const look = () => {
      const { x, y } = rig.truth();
      nearest.m = Math.min(nearest.m, Math.hypot(x - 1.5, y - 1));
    };
    const path: DriveGoal = { kind: 'path', poses: [place(1.5, 1), place(3, 0)] };
    t.equal(await driven(rig, path, 90, look), 'arrived');
    t.ok(nearest.m <= 0.15 + rig.toleranceM, `passed the first at ${nearest.m} m`);
    await rig.base.close();
  });

  t.test(`${driver}: nobody there, no movement: it stops by itself when it is not refreshed`, async (t) => {
    const rig = await started(make);
    const drive = rig.base.drive(AHEAD, hold);
    await refreshed(rig, drive, 2000);
    const { x } = rig.truth();
    t.ok(x > 0.2, 'it was under way');
    await rig.advance(5000);
    t.equal(drive.outcome, 'expired');
    t.equal(await drive.done, 'expired');
    const ranOnM = rig.truth().x - x;
    const mostM = (MPS * (DEAD_MAN_MS + TICK_MS)) / 1000 + MPS ** 2 / (2 * rig.brakeMps2);
    t.ok(ranOnM <= mostM * 1.05, `it ran on ${ranOnM} m, at most ${mostM}`);
    const { motion } = rig.base.read();
    t.equal(motion?.isStill ?? true, true);
    drive.refresh(hold);
    await rig.advance(2000);
    t.ok(Math.abs(rig.truth().x - x - ranOnM) <= 0.001, 'a refresh that comes too late brings nothing back');
    await rig.base.close();
  });

  t.test(`${driver}: no command holds longer than the dead-man allows, whatever is asked`, async (t) => {
    const rig = await started(make);
    const drive = rig.base.drive(AHEAD, { forMs: 60_000, maxMps: MPS });
    await rig.advance(DEAD_MAN_MS + 2 * TICK_MS);
    t.equal(drive.outcome, 'expired');
    await rig.base.close();
  });

  t.test(`${driver}: stop, cancel and another drive end the one under way as cancelled`, async (t) => {
    const rig = await started(make);
    const endings: ((drive: Drive) => void)[] = [
      () => rig.base.stop(),
      (drive) => drive.cancel(),
      () => void rig.base.drive(AHEAD, hold),
    ];
    for (const end of endings) {
      const drive = rig.base.drive(AHEAD, hold);
      await refreshed(rig, drive, 500);
      end(drive);
      t.equal(drive.outcome, 'cancelled');
      drive.cancel();
      t.equal(await drive.done, 'cancelled');
    }
    rig.base.stop();
    rig.base.stop();
    await rig.advance(2000);
    const { x } = rig.truth();
    await rig.advance(1000);
    t.equal(rig.truth().x, x, 'and it stands');
    await rig.base.close();
  });

  t.test(
    `${driver}: it goes no faster than the last refresh allows, and stands without a speed`,
    async (t) => {
      const rig = await started(make);
      const drive = rig.base.drive(AHEAD, hold);
      await refreshed(rig, drive, 2000);
      await refreshed(rig, drive, 1500, 0.1);
      const from = rig.truth().x;
      await refreshed(rig, drive, 2000, 0.1);
      t.ok(rig.truth().x - from <= 0.2 * 1.2, 'slowly');
      await refreshed(rig, drive, 1000, 0);
      const stood = rig.truth().x;
      await refreshed(rig, drive, 1000, 0);
      t.ok(rig.truth().x - stood <= 0.005, 'not at all');
      t.equal(drive.outcome, null, 'and the drive goes on');
      await rig.base.close();
    },
  );

  t.test(`${driver}: its contacts stop it, are told at once, and hold it`, async (t) => {
    const { press } = await make();
    if (press === null) return t.pass('it has none');
    for (const contact of ['emergencyStop', 'bumper', 'lifted'] as const) {
      const rig = await started(make);
      const drive = rig.base.drive(AHEAD, hold);
      await refreshed(rig, drive, 1000);
      const told: string[] = [];
      const stop = rig.base.onContact(() => told.push(rig.base.read().contacts[contact]));
      await rig.press?.(contact, 'pressed');
      await rig.advance(TICK_MS);
      t.strictSame(told, ['pressed'], `${contact} is told`);
      t.equal(drive.outcome, 'stopped');
      t.throws(() => rig.base.drive(AHEAD, hold), { code: 'WP2803' });
      await rig.press?.(contact, 'released');
      await rig.advance(TICK_MS);
      t.strictSame(told, ['pressed', 'released']);
      await rig.advance(2000);
      t.equal(rig.base.read().motion?.isStill ?? true, true, 'and it does not go on by itself');
      stop();
      await rig.base.close();
    }
  });

  t.test(`${driver}: what it cannot do is refused`, async (t) => {
    const { base, advance } = await make();
    t.throws(() => base.drive(AHEAD, hold), { code: 'WP2804' }, 'before the start');
    await base.start();
    await advance(TICK_MS);
    const nowhere = { map: 'site', x: Number.NaN, y: 0, theta: 0 };
    t.throws(() => base.drive({ kind: 'pose', pose: nowhere }, hold), { code: 'WP2805' });
    t.throws(() => base.drive({ kind: 'path', poses: [] }, hold), { code: 'WP2805' });
    const elsewhere = { map: 'cellar', x: 1, y: 0, theta: 0 };
    t.throws(() => base.drive({ kind: 'pose', pose: elsewhere }, hold), { code: 'WP2805' });
    if (!base.capabilities.dock) t.throws(() => base.drive({ kind: 'dock' }, hold), { code: 'WP2802' });
    await base.close();
    t.throws(() => base.drive(AHEAD, hold), { code: 'WP2804' }, 'after the end');
  });

  t.test(`${driver}: its end stops it, twice as well as once`, async (t) => {
    const rig = await started(make);
    const drive = rig.base.drive(AHEAD, hold);
    await refreshed(rig, drive, 1000);
    await rig.base.close();
    await rig.base.close();
    t.equal(drive.outcome, 'cancelled');
  });
}

async function started(make: () => Promise<BaseRig>): Promise<BaseRig> {
  const rig = await make();
  await rig.base.start();
  await rig.advance(TICK_MS);
  return rig;
}

async function refreshed(rig: BaseRig, drive: Drive, forMs: number, maxMps = MPS): Promise<void> {
  for (let ms = 0; ms < forMs; ms += TICK_MS) {
    drive.refresh({ forMs: DEAD_MAN_MS, maxMps });
    await rig.advance(TICK_MS);
  }
}

async function driven(
  rig: BaseRig,
  goal: DriveGoal,
  forS: number,
  look: () => void = () => undefined,
): Promise<DriveOutcome | null> {
  const drive = rig.base.drive(goal, { forMs: DEAD_MAN_MS, maxMps: MPS });
  for (let ms = 0; ms < forS * 1000 && drive.outcome === null; ms += TICK_MS) {
    await refreshed(rig, drive, TICK_MS);
    look();
  }
  return drive.outcome;
}
