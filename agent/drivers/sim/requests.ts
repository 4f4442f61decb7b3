import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { RecordedAlarm } from '../../ports/events.ts';
import { type InputKind, isAlarmInput } from '../../ports/inputs.ts';
import { JOURNALLED_WITHIN_MS, type SimAnswer, type SimRequest, type SimState } from './protocol.ts';
import type { SimWorld } from './world.ts';

export interface SimRequestsParts {
  readonly world: SimWorld;
  /** The device's contacts in the order of the profile. */
  readonly inputs: readonly { readonly name: string; readonly kind: InputKind }[];
  /** Tells of every alarm of a contact once it is journalled. */
  readonly onRecorded: (listener: (told: RecordedAlarm & { readonly input: string }) => void) => () => void;
  readonly state: () => SimState;
  readonly clock: Clock;
}

/** Carries out what is asked of the simulated world. */
export class SimRequests {
  readonly #parts: SimRequestsParts;
  readonly #giveUp = new Set<() => void>();

  constructor(parts: SimRequestsParts) {
    this.#parts = parts;
  }

  async answer(request: SimRequest): Promise<SimAnswer> {
    const { world } = this.#parts;
    switch (request.request) {
      case 'press':
        return this.#press(this.#contact(request.name, 'button'));
      case 'tamper':
        return this.#activate(this.#contact(request.name, 'tamper'));
      case 'release':
        world.setContact(this.#contact(request.name, 'button'), false);
        return { ok: true };
      case 'untamper':
        world.setContact(this.#contact(request.name, 'tamper'), false);
        return { ok: true };
      case 'sensor':
        world.setSensor(request.name, request.value);
        return { ok: true };
      case 'link':
        world.setLink(request.state);
        return { ok: true };
      case 'clock':
        world.setClock(request.state);
        return { ok: true };
      case 'clip':
        world.setClip(request.name);
        return { ok: true };
      case 'pose':
        world.setPose(request);
        return { ok: true };
      case 'robot':
        world.robot.order(request.order);
        return { ok: true };
      case 'state':
        return { ok: true, state: this.#parts.state() };
    }
  }

  /** Ends what still waits: the device stops. */
  close(): void {
    for (const giveUp of [...this.#giveUp]) giveUp();
  }

  #contact(name: string | undefined, kind: InputKind): string {
    if (name !== undefined) return name;
    const first = this.#parts.inputs.find((input) => input.kind === kind);
    if (first === undefined)
      throw new WatchpostError('WP2312', { detail: kind, hint: `This device has no ${kind}.` });
    return first.name;
  }

  /** A door's contact or a visitor's button raises no alarm to wait for. */
  async #press(name: string): Promise<SimAnswer> {
    const { inputs, world } = this.#parts;
    const input = inputs.find((entry) => entry.name === name);
    if (input === undefined || isAlarmInput(input)) return this.#activate(name);
    world.setContact(name, true);
    return { ok: true };
  }

  /** Closes the contact and answers once its alarm is in the journal. */
  async #activate(name: string): Promise<SimAnswer> {
    const { world } = this.#parts;
    if (world.contact(name)) throw new WatchpostError('WP2311', { detail: `${name} is down` });
    const journalled = this.#nextAlarmOf(name);
    world.setContact(name, true);
    const { id, stored } = await journalled;
    if (!stored) throw new WatchpostError('WP2314', { detail: id });
    return { ok: true, id };
  }

  #nextAlarmOf(name: string): Promise<RecordedAlarm> {
    const { clock, onRecorded } = this.#parts;
    return new Promise((resolve, reject) => {
      const done = () => {
        cancel();
        stop();
        this.#giveUp.delete(fail);
      };
      const fail = () => {
        done();
        reject(new WatchpostError('WP2313', { detail: name }));
      };
      const cancel = clock.after(JOURNALLED_WITHIN_MS, fail);
      const stop = onRecorded((told) => {
        if (told.input !== name) return;
        done();
        resolve(told);
      });
      this.#giveUp.add(fail);
    });
  }
}
