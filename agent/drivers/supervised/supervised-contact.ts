import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { ContactInput, ContactListener, InputKind, Sensor } from '../../ports/inputs.ts';
import { type CircuitState, circuitState, ohmOf } from './circuit.ts';
import type { SupervisedConfig } from './config.ts';

export interface SupervisedParts {
  readonly name: string;
  readonly kind: InputKind;
  readonly config: SupervisedConfig;
  readonly sensor: Sensor;
  readonly clock: DeviceClock;
}

/** So many readings in a row must say the same: a contact that closes passes through all resistances. */
const AGREEING = 2;
const FAILING = 3;

type Found = CircuitState | 'unread';

/** A contact at the end of a supervised line. Cut or shorted it is lost (WP2380, WP2381), never pressed or released. */
export class SupervisedContact implements ContactInput {
  readonly name: string;
  readonly kind: InputKind;
  readonly #parts: SupervisedParts;
  #listener: ContactListener | null = null;
  #timer: Cancel | null = null;
  #reading = false;
  #settled: Found | null = null;
  #seen: { readonly found: Found; readonly count: number } | null = null;

  constructor(parts: SupervisedParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.kind = parts.kind;
  }

  /** Resolves with null: two readings later `back` or `lost` tells what it is. Rejects when the reader does not start. */
  async start(listener: ContactListener): Promise<null> {
    await this.close();
    const { sensor, clock, config } = this.#parts;
    await sensor.start();
    this.#listener = listener;
    this.#timer = clock.every(config.everyMs, () => this.#look());
    return null;
  }

  async close(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    this.#listener = null;
    this.#settled = null;
    this.#seen = null;
    await this.#parts.sensor.close();
  }

  #look(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#parts.sensor
      .read()
      .then(
        (value) => this.#take(this.#stateOf(value), null),
        (cause: unknown) => this.#take('unread', cause),
      )
      .finally(() => {
        this.#reading = false;
      });
  }

  #stateOf(value: number): CircuitState {
    const { config } = this.#parts;
    const was = this.#settled === 'unread' ? null : this.#settled;
    return circuitState(ohmOf(value, config), config, was);
  }

  #take(found: Found, cause: unknown): void {
    if (this.#timer === null) return;
    const count = this.#seen?.found === found ? this.#seen.count + 1 : 1;
    this.#seen = { found, count };
    if (found === this.#settled || count < (found === 'unread' ? FAILING : AGREEING)) return;
    const was = this.#settled;
    this.#settled = found;
    this.#tell(found, was, cause);
  }

  #tell(found: Found, was: Found | null, cause: unknown): void {
    const { name, clock } = this.#parts;
    if (found !== 'normal' && found !== 'pressed') {
      this.#listener?.lost(troubleOf(found, name, cause));
      return;
    }
    const active = found === 'pressed';
    if (was === 'normal' || was === 'pressed')
      this.#listener?.edge({ active, atMonoMs: clock.sinceBootMs(), edges: 1 });
    else this.#listener?.back(active);
  }
}

function troubleOf(found: 'cut' | 'shorted' | 'unread', name: string, cause: unknown): WatchpostError {
  if (found === 'cut') return new WatchpostError('WP2380', { detail: name });
  if (found === 'shorted') return new WatchpostError('WP2381', { detail: name });
  return cause instanceof WatchpostError ? cause : new WatchpostError('WP2302', { detail: name, cause });
}
