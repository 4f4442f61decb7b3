import { join } from 'node:path';
import pino from 'pino';
import { Agent } from '#agent/agent.ts';
import type { Drivers } from '#agent/driver-loading.ts';
import { createSpeaker } from '#agent/drivers/audio/create-speaker.ts';
import { type Hardware, type HardwareParts, makeHardware } from '#agent/hardware.ts';
import { SITE_ID } from '../site/demo-site.ts';
import { BENCH_DEVICE, benchProfile } from './alarm-device.ts';
import { BenchContact } from './bench-contact.ts';

/** Nobody listens there: what is measured is the device's own, and a site could only add to it. */
const NO_BROKER = 'mqtt://127.0.0.1:1';

/** The real agent of a pillar with the real wiring, whose voice goes to the bench's sound server. */
export class VoiceDevice {
  readonly #agent: Agent;
  readonly #isAudible = Promise.withResolvers<void>();
  #button: BenchContact | null = null;

  constructor(dataDir: string, env: NodeJS.ProcessEnv, drivers: Drivers) {
    this.#agent = new Agent({
      settings: {
        address: { site: SITE_ID, device: BENCH_DEVICE },
        dataDir,
        brokers: [NO_BROKER],
        identityDir: null,
      },
      profile: benchProfile(),
      drivers,
      log: pino({}, pino.destination({ dest: join(dataDir, 'agent.log'), mkdir: true, sync: true })),
      hardware: (parts) => this.#withSound(parts, env),
    });
  }

  /** Resolves when a press would be recorded and heard. */
  async start(): Promise<void> {
    await this.#agent.start();
    await this.#isAudible.promise;
  }

  press(): void {
    this.#button?.move('closed');
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  #withSound(parts: HardwareParts, env: NodeJS.ProcessEnv): Hardware {
    const { clock, dataDir } = parts;
    this.#button = new BenchContact('button-0', clock);
    return {
      ...makeHardware(parts),
      inputs: [this.#button],
      speaker: createSpeaker(
        { driver: 'pulse' },
        { clock, dataDir, env, onChoice: () => this.#isAudible.resolve() },
      ),
    };
  }
}
