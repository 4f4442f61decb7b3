import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { VisionKeeper, type VisionKeeperOptions } from '#agent/behaviours/detection/vision-keeper.ts';
import type { EventRecorder } from '#agent/ports/events.ts';
import { VisionConfig } from '#agent/ports/vision.ts';
import { systemClock } from '#contract/clock.ts';
import type { BlobReference } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { FakeMemory } from '../fakes.ts';

export const REAL_VISION = [
  process.execPath,
  fileURLToPath(new URL('../../../../agent/vision/main.ts', import.meta.url)),
];

/** A child that does what `script` says; `say(report)` is there for it, and `orders(callback)`. */
export function fakeVision(script: string): readonly string[] {
  const prelude = `
    const reports = new (require('node:net').Socket)({ fd: 3 });
    const say = (report) => reports.write(JSON.stringify(report) + '\\n');
    const beat = () => say({ kind: 'heartbeat', frames: 1, residentBytes: 1 });
    const orders = (take) => require('node:readline').createInterface(process.stdin)
      .on('line', (line) => take(JSON.parse(line))).on('close', () => process.exit());
  `;
  return [process.execPath, '-e', `${prelude};${script}`];
}

export interface Recorded {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** Remembers events, and lets a test wait for the next that fits. */
export class Recorder implements EventRecorder {
  readonly events: Recorded[] = [];
  #waiting: (() => void)[] = [];

  recordAlarm(): never {
    throw new TypeError('vision raises no alarms');
  }

  recordSample(): never {
    throw new TypeError('vision takes no samples');
  }

  recordEvent(type: string, data: object): string {
    this.events.push({ type, data: { ...data } });
    for (const wake of this.#waiting.splice(0)) wake();
    return `event-${this.events.length}`;
  }

  health(part: string): unknown[] {
    return this.events
      .filter(({ type, data }) => type === 'wp.health.changed.v1' && data.part === part)
      .map(({ data }) => data.state);
  }

  async until(fits: (event: Recorded) => boolean): Promise<Recorded> {
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

export interface Fixture {
  readonly keeper: VisionKeeper;
  readonly recorder: Recorder;
  readonly blobs: { reference: BlobReference; file: string }[];
  /** Resolves at the next change of the keeper's health that fits. */
  untilState(fits: (keeper: VisionKeeper) => boolean): Promise<void>;
}

export function keeperOf(
  folder: string,
  command: readonly string[],
  more: Partial<VisionKeeperOptions> & { source?: string; dwellS?: number } = {},
): Fixture {
  const recorder = new Recorder();
  const blobs: Fixture['blobs'] = [];
  const changes = new EventTarget();
  const { source = 'test://', dwellS = 10, ...options } = more;
  const keeper = new VisionKeeper({
    config: VisionConfig.parse({ camera: 'front', source, dwellS, evidenceDir: folder, loop: true }),
    place: () => ({ label: 'East hall' }),
    clock: systemClock,
    log: silent,
    recorder,
    memory: new FakeMemory(),
    sendBlob: (reference, file) => blobs.push({ reference, file }),
    evidenceDays: 7,
    onChange: () => changes.dispatchEvent(new Event('change')),
    command,
    ...options,
  });
  const untilState: Fixture['untilState'] = async (fits) => {
    while (!fits(keeper)) await once(changes, 'change');
  };
  return { keeper, recorder, blobs, untilState };
}
