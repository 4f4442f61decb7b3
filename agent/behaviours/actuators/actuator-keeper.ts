import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { CommandArgs } from '#contract/messages.ts';
import type { Actuator } from '../../ports/actuators.ts';
import type { PartHealth } from '../../ports/makers.ts';
import type { DeviceProfile } from '../../ports/profile.ts';

export interface KeptActuator {
  readonly actuator: Actuator;
  readonly config: Pick<DeviceProfile['actuators'][number], 'positions' | 'rest'>;
}

interface Parts {
  readonly actuators: readonly KeptActuator[];
  /** By its part name `actuator:NAME`. */
  readonly onHealth: (part: string, health: PartHealth) => void;
  /** `describe()` has changed. */
  readonly onChange: () => void;
  readonly log: Log;
}

/**
 * Turns what the profile gives positions to. Nothing is turned later than it was ordered: what is away when an order
 * comes refuses it, and stands at its rest when it is back.
 */
export class ActuatorKeeper {
  readonly #parts: Parts;
  /** Where each was sent; null while it cannot be turned. */
  readonly #positions: Map<string, string | null>;
  readonly #failing = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#positions = new Map(parts.actuators.map(({ actuator }) => [actuator.name, null]));
  }

  /** Resolves when each was looked for once. Never rejects. */
  async start(): Promise<void> {
    await Promise.all(this.#parts.actuators.map((kept) => this.#open(kept)));
  }

  /** Each at its rest. */
  async close(): Promise<void> {
    await Promise.all(this.#parts.actuators.map((kept) => this.#shut(kept)));
  }

  /** By name; empty for a device that has none. */
  describe(): Record<string, string | null> {
    return Object.fromEntries(this.#positions);
  }

  /** @throws WatchpostError WP2105 (no such actuator), WP2120 (no such position), WP23xx (it is away) */
  async actuate({ name, position }: CommandArgs<'actuate'>): Promise<Record<string, unknown>> {
    const { actuator, config } = this.#named(name);
    const degrees = Object.hasOwn(config.positions, position) ? config.positions[position] : undefined;
    if (degrees === undefined) {
      const hint = `${name} has: ${Object.keys(config.positions).join(', ')}.`;
      throw new WatchpostError('WP2120', { detail: `${name}: ${position}`, hint });
    }
    await actuator.turn(degrees);
    this.#stands(name, position);
    return { name, position, degrees };
  }

  #named(name: string): KeptActuator {
    const found = this.#parts.actuators.find(({ actuator }) => actuator.name === name);
    if (found === undefined) throw new WatchpostError('WP2105', { detail: `no actuator ${name}` });
    return found;
  }

  async #open({ actuator, config }: KeptActuator): Promise<void> {
    const { name } = actuator;
    const lost = (error: WatchpostError) => this.#lost(name, error);
    try {
      await actuator.start({ lost, back: () => this.#back(name, config.rest) });
    } catch (cause) {
      lost(cause instanceof WatchpostError ? cause : new WatchpostError('WP2390', { detail: name, cause }));
    }
  }

  async #shut({ actuator }: KeptActuator): Promise<void> {
    try {
      await actuator.close();
    } catch (cause) {
      this.#parts.log.warn({ actuator: actuator.name, err: cause }, 'actuator.close-failed');
    }
  }

  #back(name: string, rest: string): void {
    if (this.#failing.delete(name)) this.#parts.onHealth(`actuator:${name}`, { state: 'ok' });
    this.#stands(name, rest);
  }

  #lost(name: string, error: WatchpostError): void {
    this.#parts.log.error({ actuator: name, err: error }, 'actuator.failed');
    const isNews = !this.#failing.has(name);
    this.#failing.add(name);
    if (isNews) this.#parts.onHealth(`actuator:${name}`, { state: 'failed', code: error.code });
    this.#stands(name, null);
  }

  #stands(name: string, position: string | null): void {
    if (this.#positions.get(name) === position) return;
    this.#positions.set(name, position);
    this.#parts.onChange();
  }
}
