import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { IncidentListener } from './ports.ts';

/** PUBACK and receipt take about a millisecond; a device on the same core could not even read them before this ends. */
const BEHIND_MS = 10;

/**
 * Tells of changed incidents a moment later, each once: the device's PUBACK and receipt go out before consoles and
 * notifiers are served, and a hundred presses in one commit are one notice.
 */
export class ChangeBatch {
  readonly #listener: IncidentListener;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #changed = new Set<string>();
  #cancel: Cancel | null = null;

  constructor(listener: IncidentListener, clock: Clock, log: Log) {
    this.#listener = listener;
    this.#clock = clock;
    this.#log = log;
  }

  /** Idempotent. What was not told yet is told by itself at the next start: everything is on disk. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#changed.clear();
  }

  readonly add: IncidentListener = (incidentId) => {
    this.#changed.add(incidentId);
    this.#cancel ??= this.#clock.after(BEHIND_MS, () => this.#tell());
  };

  #tell(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#cancel = null;
    for (const id of changed) this.#tellOne(id);
  }

  /** One that fails must not keep the others from being told. */
  #tellOne(incidentId: string): void {
    try {
      this.#listener(incidentId);
    } catch (error) {
      this.#log.error({ incidentId, error: String(error) }, 'incident.not-told');
    }
  }
}
