import type { DeviceRegister } from '#broker/persistence/ledger/devices.ts';
import type { SiteDatabase } from '#broker/persistence/store/database.ts';
import type { Cancel, Clock, WallMs } from '#contract/clock.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';

export interface PresenceParts {
  readonly store: SiteDatabase;
  readonly register: DeviceRegister;
  readonly clock: Clock;
  readonly onChanged: (address: DeviceAddress) => void;
}

/** How often signs of life without a message (pings) are noted on disk. */
const NOTE_EVERY_MS = 30_000;

/** Which devices are connected, and when each was heard last. One connection a device: the newest. */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #connected = new Map<string, object>();
  readonly #heard = new Map<string, WallMs>();
  readonly #toNote = new Map<string, DeviceAddress>();
  #cancel: Cancel | null = null;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancel = this.#parts.clock.every(NOTE_EVERY_MS, () => this.#note());
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#connected.clear();
  }

  /** How many devices are connected. */
  get count(): number {
    return this.#connected.size;
  }

  isConnected(address: DeviceAddress): boolean {
    return this.#connected.has(clientIdOf(address));
  }

  /** Milliseconds by the site's wall clock; null when nothing was heard since the broker started. */
  heardMs(address: DeviceAddress): WallMs | null {
    return this.#heard.get(sourceOf(address)) ?? null;
  }

  /** Any packet of the device, a ping too. */
  heard(address: DeviceAddress): void {
    this.#heard.set(sourceOf(address), this.#parts.clock.wallMs());
    this.#toNote.set(sourceOf(address), address);
  }

  /** `connection` stands for the connection: an old one that ends late changes nothing. */
  connected(address: DeviceAddress, connection: object): void {
    this.#connected.set(clientIdOf(address), connection);
    this.heard(address);
    this.#note();
    this.#parts.onChanged(address);
  }

  disconnected(address: DeviceAddress, connection: object): void {
    if (this.#connected.get(clientIdOf(address)) !== connection) return;
    this.#connected.delete(clientIdOf(address));
    this.#parts.onChanged(address);
  }

  #note(): void {
    const { store, register } = this.#parts;
    if (this.#toNote.size === 0) return;
    const addresses = [...this.#toNote.values()];
    this.#toNote.clear();
    store.commitLazily(() => {
      for (const address of addresses) register.touch(address, this.heardMs(address) ?? undefined);
    });
  }
}
