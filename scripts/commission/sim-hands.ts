import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SimRequest, SimState } from '#agent/drivers/sim/protocol.ts';
import { type Clock, wait } from '#contract/clock.ts';
import type { Step, StepPrompt } from '#contract/commission/run.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import { askSim } from '../commands/sim-client.ts';
import type { Choice, Hands, Said } from './hands.ts';

const LOOK_EVERY_MS = 100;
/** Several prompts may be spoken before the one that is waited for. */
const SEE_WITHIN_MS = 120_000;
const UNSEEN: Said = { answer: 'yes', note: 'simulated: nobody has looked' };
const SEEN: Said = { answer: 'yes', note: 'simulated: as the simulation shows it' };

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
        return this.#press(name);
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
        await this.#press(name);
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
      case 'mains.off':
      case 'mains.on':
        return this.#supply(name, key === 'mains.off' ? 0.05 : 0.15, args.min);
      default:
        return null;
    }
  }

  /** A battery that is not charged any more falls, without coming to where the profile calls it empty. */
  async #supply(name: string, share: number, min: string | number | undefined): Promise<Said | null> {
    const lowest = Number(min);
    if (!Number.isFinite(lowest) || min === '') return null;
    return this.#ask({ request: 'sensor', name, value: Math.round(lowest * (1 + share) * 100) / 100 });
  }

  /** What was left pressed is let go before. */
  async #press(name: string): Promise<Said> {
    const answer = await askSim(this.#dir, { request: 'press', name });
    if (answer.ok) return SEEN;
    if (answer.code === 'WP2311') await this.#ask({ request: 'release', name });
    return this.#ask({ request: 'press', name });
  }

  async #ask(request: SimRequest): Promise<Said> {
    const answer = await askSim(this.#dir, request);
    if (answer.ok) return SEEN;
    const code = isErrorCode(answer.code) ? answer.code : 'WP2315';
    throw new WatchpostError(code, { detail: `${this.#dir}: ${request.request}`, hint: answer.hint });
  }

  async #see(holds: (state: SimState) => boolean, signal: AbortSignal): Promise<Said> {
    const endMs = this.#clock.monoMs() + SEE_WITHIN_MS;
    while (!signal.aborted && this.#clock.monoMs() < endMs) {
      const answer = await askSim(this.#dir, { request: 'state' });
      if (answer.ok && answer.state !== undefined && holds(answer.state)) return SEEN;
      await wait(this.#clock, LOOK_EVERY_MS);
    }
    return { answer: 'no', note: 'simulated: it did not show it' };
  }
}
