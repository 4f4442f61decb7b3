import type { Log } from '#contract/log.ts';
import type { IncidentListener } from './ports.ts';

/**
 * Tells of changed incidents in the next turn of the event loop, each once: the device's PUBACK and receipt go out
 * before consoles and notifiers are served, and a hundred presses in one commit are one notice.
 */
export class ChangeBatch {
  readonly #listener: IncidentListener;
  readonly #log: Log;
  readonly #changed = new Set<string>();
  #immediate: NodeJS.Immediate | null = null;

  constructor(listener: IncidentListener, log: Log) {
    this.#listener = listener;
    this.#log = log;
  }

  /** Idempotent. What was not told yet is told by itself at the next start: everything is on disk. */
  close(): void {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    this.#changed.clear();
  }

  readonly add: IncidentListener = (incidentId) => {
    this.#changed.add(incidentId);
    this.#immediate ??= setImmediate(() => this.#tell());
  };

  #tell(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#immediate = null;
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
