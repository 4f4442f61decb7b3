import { readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Lane } from '#contract/topics.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { Link } from '../../ports/link.ts';
import type { Finding } from './board.ts';
import { judgeHigh, judgeLow, type Limits } from './hysteresis.ts';

/** One measurement beside its judgement, for telemetry. */
export interface Measure {
  readonly sensor: string;
  readonly value: number;
  readonly unit: string;
}

export interface Probing {
  readonly finding: Finding;
  readonly measure?: Measure;
}

/** Something that is looked at now and then. Answers null where the machine does not have it. */
export interface Probe {
  readonly part: string;
  look(was: Finding['state']): Promise<Probing | null> | Probing | null;
  close?(): void;
}

const MIB = 1024 * 1024;
/** Room enough for alarms for months, and for the evidence of a day. */
export const DISK_FREE: Limits = { degraded: 256 * MIB, failed: 32 * MIB, margin: 32 * MIB };
/** Below the throttling of common boards (80 to 85 °C). */
const TEMPERATURE: Limits = { degraded: 80, failed: 95, margin: 5 };
const LOOP_DELAY: Limits = { degraded: 200, failed: 2_000, margin: 100 };
export const QUEUES: Record<Lane, Limits> = {
  alarm: { degraded: 50, failed: 1_000, margin: 10 },
  event: { degraded: 5_000, failed: 100_000, margin: 500 },
  telemetry: { degraded: 5_000, failed: 100_000, margin: 500 },
};
const CLOCK_FINDINGS = {
  synced: { state: 'ok' },
  holdover: { state: 'ok' },
  unset: { state: 'degraded', code: 'WP2605' },
} as const satisfies Record<string, Finding>;

export function clockProbe(clock: DeviceClock): Probe {
  return { part: 'clock', look: () => ({ finding: CLOCK_FINDINGS[clock.quality()] }) };
}

/** Free space where the device keeps its data. */
export function diskProbe(dir: string): Probe {
  return {
    part: 'disk',
    look: async (was) => {
      const { bavail, bsize } = await statfs(dir);
      const free = bavail * bsize;
      const state = judgeLow(free, DISK_FREE, was);
      const measure = { sensor: 'disk-free', value: Math.round(free / MIB), unit: 'MiBy' };
      return { finding: findingOf(state, 'WP2601', `${measure.value} MiB free`), measure };
    },
  };
}

/** The hottest zone of the machine (Documentation/driver-api/thermal/sysfs-api.rst: millidegrees Celsius). */
export function temperatureProbe(dir = '/sys/class/thermal'): Probe {
  return {
    part: 'temperature',
    look: async (was) => {
      const celsius = await hottest(dir);
      if (celsius === null) return null;
      const finding = findingOf(judgeHigh(celsius, TEMPERATURE, was), 'WP2602', `${celsius} °C`);
      return { finding, measure: { sensor: 'board-temperature', value: celsius, unit: 'Cel' } };
    },
  };
}

/** How late the event loop was, at worst in one of a hundred turns since the last look. */
export function loopProbe(
  histogram: ReturnType<typeof monitorEventLoopDelay> = monitorEventLoopDelay({ resolution: 20 }),
): Probe {
  histogram.enable();
  return {
    part: 'event-loop',
    look: (was) => {
      const delayMs = Math.max(0, histogram.percentile(99) / 1e6 - 20);
      histogram.reset();
      const finding = findingOf(judgeHigh(delayMs, LOOP_DELAY, was), 'WP2603', `${Math.round(delayMs)} ms`);
      return { finding, measure: { sensor: 'loop-delay', value: Math.round(delayMs), unit: 'ms' } };
    },
    close: () => {
      histogram.disable();
    },
  };
}

/** What waits on the device. While the link is down a queue is no fault of its own. */
export function queueProbe(
  lane: Lane,
  { depths, link }: { depths: () => Partial<Record<Lane, number>>; link: Pick<Link, 'state'> },
): Probe {
  return {
    part: `queue:${lane}`,
    look: (was) => {
      const depth = depths()[lane] ?? 0;
      const judged = judgeHigh(depth, QUEUES[lane], was);
      const state = link.state === 'up' || judged === 'failed' ? judged : 'ok';
      return { finding: findingOf(state, 'WP2606', `${depth} ${lane} messages`) };
    },
  };
}

/** A child process, as its keeper sees it. */
export function childProbe(name: string, running: () => 'running' | 'restarting' | 'stopped'): Probe {
  return {
    part: `process:${name}`,
    look: () => {
      const now = running();
      return { finding: findingOf(now === 'running' ? 'ok' : 'degraded', 'WP2604', now) };
    },
  };
}

function findingOf(state: Finding['state'], code: string, detail: string): Finding {
  return state === 'ok' ? { state } : { state, code, detail };
}

async function hottest(dir: string): Promise<number | null> {
  const zones = await readdir(dir).catch(() => []);
  const readings = await Promise.all(
    zones
      .filter((zone) => zone.startsWith('thermal_zone'))
      .map((zone) => readFile(join(dir, zone, 'temp'), 'utf8').catch(() => '')),
  );
  const celsius = readings.filter((text) => /^-?\d+\s*$/.test(text)).map((text) => Number(text) / 1000);
  return celsius.length === 0 ? null : Math.max(...celsius);
}
