import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SimRequest, SimState } from '#agent/drivers/sim/protocol.ts';
import { type Clock, wait } from '#contract/clock.ts';
import type { Step, StepPrompt } from '#contract/commission/run.ts';
import { WatchpostError } from '#contract/errors.ts';
import { askSim } from '../commands/sim-client.ts';
import type { Choice, Hands, Said } from './hands.ts';

const LOOK_EVERY_MS = 100;
/** Several prompts may be spoken before the one that is waited for. */
const SEE_WITHIN_MS = 120_000;
const UNSEEN: Said = { answer: 'yes', note: 'simulated hardware: no person has looked' };
const SEEN: Said = { answer: 'yes', note: 'simulated hardware: as the device’s own simulation shows it' };

type Args = StepPrompt['args'];

/** Works simulated hardware itself, and answers by what it shows: lamp, siren, voice, actuators. */
export class SimHands implements Hands {
  readonly #dir: string;
  readonly #clock: Clock;

  /** `dir`: the device's folder, or its card. */
  constructor(dir: string, clock: Clock) {
    this.#dir = existsSync(join(dir, 'device.json')) ? join(dir, 'data') : dir;
    this.#clock = clock;
  }

  async before(): Promise<Choice> {
    return { kind: 'go' };
  }

  async failed(_step: Step): Promise<Choice> {
    return { kind: 'leave' };
  }

  async act(_step: Step, { key, args, question }: StepPrompt, signal: AbortSignal): Promise<Said | null> {
    const done = await this.#do(key, args, signal);
    if (question === null) return null;
    return done ?? UNSEEN;
  }

  /** What is done about it; null: nothing that can be done, or seen, here. */
  async #do(key: string, args: Args, signal: AbortSignal): Promise<Said | null> {
    const name = String(args.subject ?? '');
    switch (key) {
      case 'press':
      case 'duress':
        return this.#ask({ request: 'press', name });
      case 'release':
        return this.#ask({ request: 'release', name });
      case 'tamper.open':
        return this.#ask({ request: 'tamper', name });
      case 'tamper.close':
        return this.#ask({ request: 'untamper', name });
      case 'link.off':
      case 'supervision.off':
        return this.#ask({ request: 'link', state: 'down' });
      case 'link.press':
        await this.#ask({ request: 'press', name });
        return this.#ask({ request: 'release', name });
      case 'link.on':
      case 'supervision.on':
        return this.#ask({ request: 'link', state: 'up' });
      case 'lamp.seen':
        return this.#see(({ lamp }) => lamp !== null && lamp !== 'off', signal);
      case 'siren.heard':
        return this.#see(({ siren }) => siren, signal);
      case 'voice.heard':
        return this.#see(({ voice }) => voice?.key === args.prompt && voice?.language === name, signal);
      case 'actuator.seen':
        return this.#see(({ actuators }) => actuators?.[name]?.position === args.position, signal);
      default:
        return null;
    }
  }

  async #ask(request: SimRequest): Promise<Said> {
    const answer = await askSim(this.#dir, request);
    if (!answer.ok) throw new WatchpostError('WP2315', { detail: `${this.#dir}: ${answer.message}` });
    return SEEN;
  }

  async #see(holds: (state: SimState) => boolean, signal: AbortSignal): Promise<Said> {
    const endMs = this.#clock.monoMs() + SEE_WITHIN_MS;
    while (!signal.aborted && this.#clock.monoMs() < endMs) {
      const answer = await askSim(this.#dir, { request: 'state' });
      if (answer.ok && answer.state !== undefined && holds(answer.state)) return SEEN;
      await wait(this.#clock, LOOK_EVERY_MS);
    }
    return { answer: 'no', note: 'simulated hardware: it did not show it' };
  }
}
