import { join } from 'node:path';
import pino from 'pino';
import { Agent } from '#agent/agent.ts';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import type { Drivers } from '#agent/driver-loading.ts';
import { type Hardware, type HardwareParts, makeHardware } from '#agent/hardware.ts';
import type { Lamp, LampPattern } from '#agent/ports/outputs.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { DEMO_DEVICES, DEMO_SITE_FILE, ROOT, SITE_ID } from '../site/demo-site.ts';
import { renderVoice } from '../voice/render.ts';
import { BenchContact } from './bench-contact.ts';

export const BENCH_DEVICE = 'pillar-001';
/** Presses go round: the same button again within a second would be counted as chatter. */
const BUTTONS = 32;
const SHOWN_WITHIN_MS = 15_000;

/** When each leg of one press was over, in milliseconds of the monotonic clock. */
export interface Marks {
  edge: number;
  /** On the device's disk. */
  synced: number;
  /** Confirmed by the broker, which follows the ledger's commit. */
  puback: number;
  /** The receipt has come in. */
  receipt: number;
  /** The lamp has been told to show it. */
  lamp: number;
}

/** Called in the middle of a press, for what can be seen only then. */
export interface Watch {
  readonly onSynced?: () => void;
  readonly onConfirmed?: () => void;
}

/** The real agent of a pillar in this process, with the real wiring, its button and lamp in the bench's hands. */
export class AlarmDevice {
  readonly #agent: Agent;
  readonly #contacts: BenchContact[] = [];
  readonly #marks: Marks = { edge: 0, synced: 0, puback: 0, receipt: 0, lamp: 0 };
  #shows: (pattern: LampPattern) => void = () => undefined;
  #watch: Watch = {};
  #pressed = 0;

  constructor(dataDir: string, broker: string, drivers: Drivers) {
    this.#agent = new Agent({
      settings: {
        address: { site: SITE_ID, device: BENCH_DEVICE },
        dataDir,
        brokers: [broker],
        identityDir: null,
      },
      profile: benchProfile(),
      drivers,
      log: pino({}, pino.destination({ dest: join(dataDir, 'agent.log'), mkdir: true, sync: true })),
      failpoint: (name) => this.#reached(name),
      hardware: (parts) => this.#wrapped(parts),
    });
  }

  /** Renders what the profile's first language says, so that a press has something to say; then arms. */
  static async prepareVoice(dataDir: string): Promise<void> {
    await renderVoice({ dir: join(dataDir, 'voice'), languages: ['en'] });
  }

  async start(): Promise<void> {
    await this.#agent.start();
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  /** Presses the next button; resolves when the lamp shows that the site has it. The button stays down. */
  async press(watch: Watch): Promise<Marks> {
    this.#watch = watch;
    const shown = this.shows('received');
    this.#marks.edge = performance.now();
    this.#button().move('closed');
    await shown;
    return { ...this.#marks };
  }

  /** Lets go of the button pressed last. */
  release(): void {
    this.#button().move('open');
    this.#pressed += 1;
  }

  /** Resolves when the lamp is told to show this. @throws WatchpostError WP5025 when it is not within 15 s */
  shows(wanted: LampPattern): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = systemClock.after(SHOWN_WITHIN_MS, () =>
        reject(new WatchpostError('WP5025', { detail: `the lamp does not show ${wanted}` })),
      );
      this.#shows = (pattern) => {
        if (pattern !== wanted) return;
        late();
        resolve();
      };
    });
  }

  #button(): BenchContact {
    const contact = this.#contacts[this.#pressed % BUTTONS];
    if (contact === undefined) throw new WatchpostError('WP2312', { detail: 'no button' });
    return contact;
  }

  #reached(name: string): void {
    const now = performance.now();
    if (name === 'journal.alarm.after-commit') {
      this.#marks.synced = now;
      this.#watch.onSynced?.();
    }
    if (name === 'journal.receipt.before-apply') this.#marks.receipt = now;
  }

  #show(pattern: LampPattern): void {
    const now = performance.now();
    if (pattern === 'sent') {
      this.#marks.puback = now;
      this.#watch.onConfirmed?.();
    }
    if (pattern === 'received') this.#marks.lamp = now;
    this.#shows(pattern);
  }

  #wrapped(parts: HardwareParts): Hardware {
    const hardware = makeHardware(parts);
    for (const { name } of hardware.inputs) this.#contacts.push(new BenchContact(name, parts.clock));
    return {
      ...hardware,
      inputs: this.#contacts,
      lamp: watched(hardware.lamp, (shown) => this.#show(shown)),
    };
  }
}

function watched(lamp: Lamp, onShow: (pattern: LampPattern) => void): Lamp {
  return {
    name: lamp.name,
    start: () => lamp.start(),
    show: (pattern) => {
      lamp.show(pattern);
      onShow(pattern);
    },
    close: () => lamp.close(),
  };
}

/** The demo's pillar with many buttons, and without a camera. */
export function benchProfile(): DeviceProfile {
  const { profile } = resolveProfile({
    file: join(ROOT, DEMO_DEVICES[BENCH_DEVICE]),
    siteFile: join(ROOT, DEMO_SITE_FILE),
    device: BENCH_DEVICE,
    drivers: DRIVER_SCHEMAS,
  });
  const { camera: _, ...rest } = profile;
  const inputs = Array.from({ length: BUTTONS }, (_none, n) => ({
    name: `button-${n}`,
    kind: 'button' as const,
    with: { driver: 'sim' },
  }));
  return { ...rest, languages: ['en'], inputs };
}
