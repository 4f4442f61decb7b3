import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadDrivers } from '#agent/driver-loading.ts';
import { systemClock, wait } from '#contract/clock.ts';
import { AlarmDevice, BENCH_DEVICE, benchProfile, type Marks, type Watch } from './alarm-device.ts';
import { AlarmSite } from './alarm-site.ts';
import { median, rounded, type Spread, spread } from './figures.ts';
import { Floor, type FloorSizes } from './floor.ts';
import { inBenchFolder } from './folder.ts';
import { lastCommitBytes } from './wal-commit.ts';

export interface AlarmBench {
  readonly presses: number;
  /** How many of them the ledger holds afterwards, warm-up included, and should hold. */
  readonly ledger: { readonly held: number; readonly expected: number };
  /** Milliseconds from the debounced edge to the end of each leg. */
  readonly ms: Record<'synced' | 'puback' | 'receipt' | 'lamp', Spread>;
  /** Two syncs of the same size and one loopback round trip of the same bytes, measured between the presses. */
  readonly floorMs: Spread;
  readonly floorSizes: FloorSizes;
  /** Edge to lamp over floor, at p50: at most 3 is the target. */
  readonly ratio: number;
  readonly target: number;
}

export const ALARM_TARGET = 3;
/** Code is compiled and the write-ahead logs have gone round by then. */
const WARM_UP = 60;
const SIZED = 8;
/** A press comes out of quiet: state, release and receipts of the one before are done with by then. */
const QUIET_MS = 130;
const BETWEEN_MS = 15;
/** PUBACK (MQTT 3.1.1 §3.4) and a receipt with its topic. */
const DOWN_BYTES = 4 + 330;

/** Presses, each out of quiet and opening an incident of its own; after each one round of the floor. */
export function benchAlarm({
  presses,
  warmUp = WARM_UP,
}: {
  presses: number;
  warmUp?: number;
}): Promise<AlarmBench> {
  return inBenchFolder(async (dir) => {
    const data = join(dir, BENCH_DEVICE);
    mkdirSync(data);
    const site = new AlarmSite(dir);
    const stop: (() => Promise<void>)[] = [];
    try {
      await AlarmDevice.prepareVoice(data);
      stop.push(() => site.close());
      const device = new AlarmDevice(data, await site.start(), await loadDrivers(benchProfile()));
      stop.push(() => device.close());
      await device.start();
      return await measure({ dir, data, site, device, stop }, presses, warmUp);
    } finally {
      for (const end of stop.reverse()) await end();
    }
  });
}

interface Rig {
  readonly dir: string;
  readonly data: string;
  readonly site: AlarmSite;
  readonly device: AlarmDevice;
  readonly stop: (() => Promise<void>)[];
}

async function measure(rig: Rig, presses: number, warmUp: number): Promise<AlarmBench> {
  const { dir, site, stop } = rig;
  const floorSizes = await sizes(rig);
  const floor = new Floor(dir, floorSizes);
  stop.push(() => floor.close());
  await floor.start();
  for (let n = 0; n < warmUp; n += 1) await round(rig, floor);
  const rounds: { marks: Marks; floorMs: number }[] = [];
  for (let n = 0; n < presses; n += 1) rounds.push(await round(rig, floor));
  const floorMs = spread(rounds.map((each) => each.floorMs));
  const leg = (name: keyof Marks) => spread(rounds.map(({ marks }) => marks[name] - marks.edge));
  const ms = { synced: leg('synced'), puback: leg('puback'), receipt: leg('receipt'), lamp: leg('lamp') };
  const { count } = await site.presses();
  return {
    presses,
    ledger: { held: count, expected: Math.min(1000, SIZED + warmUp + presses) },
    ms,
    floorMs,
    floorSizes,
    ratio: rounded(ms.lamp.p50 / floorMs.p50),
    target: ALARM_TARGET,
  };
}

async function round(rig: Rig, floor: Floor): Promise<{ marks: Marks; floorMs: number }> {
  const marks = await pressed(rig);
  const floorMs = await floor.measure();
  await wait(systemClock, BETWEEN_MS);
  return { marks, floorMs };
}

/** One press and its end: resolved at the site, let go, quiet again. */
async function pressed({ site, device }: Rig, see: Watch = {}): Promise<Marks> {
  const marks = await device.press(see);
  device.release();
  const closed = device.shows('closed');
  await site.resolveOpen();
  await closed;
  await wait(systemClock, QUIET_MS);
  return marks;
}

/** What a press writes on both disks, and what it sends. */
async function sizes(rig: Rig): Promise<FloorSizes> {
  const written: { device: number[]; broker: number[] } = { device: [], broker: [] };
  for (let n = 0; n < SIZED; n += 1) {
    await pressed(rig, {
      onSynced: () => written.device.push(lastCommitBytes(join(rig.data, 'alarm.db-wal'))),
      onConfirmed: () => written.broker.push(rig.site.commitBytes()),
    });
  }
  const { bytes } = await rig.site.presses();
  return {
    deviceSync: median(written.device),
    brokerSync: median(written.broker),
    up: bytes,
    down: DOWN_BYTES,
  };
}
