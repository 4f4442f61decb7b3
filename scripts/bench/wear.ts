import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, wait } from '#contract/clock.ts';
import { prepareClips } from '../site/clips.ts';
import { AlarmSite } from './alarm-site.ts';
import { inBenchFolder } from './folder.ts';
import { WearCard } from './wear-card.ts';
import { HurriedJournal } from './wear-day.ts';
import { WearDevice } from './wear-device.ts';
import { requireCounted, WearMeter } from './wear-meter.ts';
import { sumOf, type WearRow, type WearSum, wearRow } from './wear-row.ts';

export interface WearBench {
  readonly rows: readonly WearRow[];
  readonly atRest: WearSum & { readonly targetMbADay: number };
  readonly atWork: WearSum;
}

export interface WearSizes {
  /** How long the quiet pillar is watched. */
  readonly minutes: number;
  readonly presses: number;
  /** Of each day that the journal is hurried through. */
  readonly hours: number;
  /** Whether a device with a camera is measured as well. */
  readonly camera: 'with' | 'without';
}

export const WEAR_TARGET_MB = 20;

/** What is taken for a day at work. */
const PRESSES_A_DAY = 24;
const OUTAGE_HOURS_A_DAY = 1;
const LEFT_THINGS_A_DAY = 20;
/** Where the profile has a sound test; and one change of health. */
const EVENTS_A_DAY = 2;

const DAY_MINUTES = 24 * 60;
const ONCE_A_DAY = { timesADay: 1, measured: 1 } as const;
const NEVER = { timesADay: 0, measured: 1 } as const;

interface Bench {
  readonly dir: string;
  /** Where devices keep their data. */
  readonly cardDir: string;
  readonly card: WearCard | null;
  readonly sizes: WearSizes;
}

/** What a pillar writes to its card in a day, at rest and at work. @throws WatchpostError WP5095 on a disk in memory */
export function benchWear(sizes: WearSizes): Promise<WearBench> {
  return inBenchFolder(async (dir) => {
    requireCounted(dir);
    const card = await WearCard.insert(dir);
    try {
      return summary(await rowsOf({ dir, cardDir: card?.dir ?? dir, card, sizes }));
    } finally {
      await card?.remove();
    }
  });
}

function summary(rows: readonly WearRow[]): WearBench {
  const atRest = { ...sumOf(rows, ['rest']), targetMbADay: WEAR_TARGET_MB };
  return { rows, atRest, atWork: sumOf(rows, ['rest', 'work']) };
}

async function rowsOf(bench: Bench): Promise<WearRow[]> {
  const rows = journalRows(bench);
  const site = new AlarmSite(join(bench.dir, 'site'));
  mkdirSync(join(bench.dir, 'site'));
  const mqtt = await site.start();
  try {
    rows.push(...(await pillarRows(bench, { site, mqtt })));
    if (bench.sizes.camera === 'with') rows.push(...(await cameraRows(bench, { site, mqtt })));
    return rows;
  } finally {
    await site.close();
  }
}

/** Days of samples, at once: what is written only now and then shows in none of the minutes that one would watch. */
function journalRows({ cardDir, card, sizes: { hours } }: Bench): WearRow[] {
  const meter = new WearMeter(card, () => [process.pid]);
  const journal = new HurriedJournal(join(cardDir, 'hurried'));
  const days = { timesADay: 1, measured: hours / 24 } as const;
  const once = (row: Parameters<typeof wearRow>[0], work: () => void) => {
    meter.begin();
    work();
    return wearRow(row, meter.end());
  };
  const measured = (row: Parameters<typeof wearRow>[0], everyS: number, link: 'up' | 'down') =>
    once(row, () => journal.run({ hours: row.measured * 24, everyS, link }));
  const oldAlarm = () => {
    journal.alarm();
    return once({ what: 'alarm removed after 30 days', part: 'rest', ...ONCE_A_DAY }, () =>
      journal.forgetAlarms(),
    );
  };
  journal.start();
  try {
    const outage = { timesADay: OUTAGE_HOURS_A_DAY / 24, measured: hours / 24 } as const;
    return [
      measured({ what: 'a sample a minute, received', part: 'rest', ...days }, 60, 'up'),
      once(
        { what: 'event: sound test, change of health', part: 'rest', timesADay: EVENTS_A_DAY, measured: 1 },
        () => journal.event(),
      ),
      oldAlarm(),
      measured({ what: 'a sensor that never keeps still (5 s)', part: 'work', ...days }, 5, 'up'),
      measured({ what: 'the same without a link', part: 'work', ...outage }, 5, 'down'),
    ];
  } finally {
    journal.close();
  }
}

interface Running {
  readonly site: AlarmSite;
  readonly mqtt: string;
}

/** The real agent, so that nothing is left out that writes. */
async function pillarRows({ cardDir, card, sizes }: Bench, running: Running): Promise<WearRow[]> {
  const pillar = new WearDevice('pillar-001', { dataDir: cardDir, ...running });
  const measured = rowMaker(new WearMeter(card, () => pillar.pids()));
  const { presses, minutes } = sizes;
  await pillar.prepare(null);
  try {
    return [
      await measured({ what: 'the first start', part: 'once', ...NEVER }, () => pillar.start()),
      await measured({ what: 'path test', part: 'rest', ...ONCE_A_DAY }, () => pillar.testAlarm()),
      await measured({ what: 'press', part: 'work', timesADay: PRESSES_A_DAY, measured: presses }, () =>
        repeated(presses, () => pillar.press()),
      ),
      await stopped(pillar, () =>
        measured({ what: 'restart', part: 'work', ...ONCE_A_DAY }, () => pillar.start()),
      ),
      await measured(
        { what: 'everything else', part: 'rest', timesADay: 1, measured: minutes / DAY_MINUTES },
        () => wait(systemClock, minutes * 60_000),
      ),
    ];
  } finally {
    await pillar.stop();
  }
}

/** None where no video can be drawn. */
async function cameraRows({ cardDir, card }: Bench, running: Running): Promise<WearRow[]> {
  const clips = await prepareClips({ say: () => undefined });
  if (clips === null) return [];
  const robot = new WearDevice('robot-001', { dataDir: cardDir, ...running });
  const measured = rowMaker(new WearMeter(card, () => robot.pids()));
  await robot.prepare(clips);
  try {
    await robot.start();
    const named = { what: 'thing left behind, with its picture', part: 'work', measured: 1 } as const;
    return [await measured({ ...named, timesADay: LEFT_THINGS_A_DAY }, () => robot.thingLeft())];
  } finally {
    await robot.stop();
  }
}

const rowMaker =
  (meter: WearMeter) =>
  async (named: Parameters<typeof wearRow>[0], work: () => Promise<void>): Promise<WearRow> => {
    meter.begin();
    await work();
    return wearRow(named, meter.end());
  };

async function stopped<T>(device: WearDevice, work: () => Promise<T>): Promise<T> {
  await device.stop();
  return work();
}

async function repeated(times: number, work: () => Promise<void>): Promise<void> {
  for (let n = 0; n < times; n += 1) await work();
}
