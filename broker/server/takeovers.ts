import type { Clock, MonoMs } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';

export interface TakeoverParts {
  readonly clock: Clock;
  readonly log: Log;
  /** More than this many a minute are a contest. */
  readonly perMinute: number;
  readonly onTakeover: () => void;
  readonly onContested: (contest: Contest) => void;
}

/** Somebody's session goes to and fro between connections. */
export interface Contest {
  readonly clientId: string;
  /** Within the last minute. */
  readonly takeovers: number;
  /** IP addresses of those who took it, each once. */
  readonly addresses: readonly string[];
}

interface Takeover {
  readonly atMs: MonoMs;
  readonly address: string;
}

export const TAKEOVER_WINDOW_MS = 60_000;
/** Client ids that are watched at once; the one that was taken over longest ago is forgotten first. */
const WATCHED_MAX = 10_000;

/**
 * Counts how often a connection takes the session of another with the same client id [MQTT-3.1.4-2]. A device whose
 * link broke does so once; two devices with one identity do it without end, each putting the other out.
 */
export class Takeovers {
  readonly #parts: TakeoverParts;
  readonly #recent = new Map<string, readonly Takeover[]>();

  constructor(parts: TakeoverParts) {
    this.#parts = parts;
  }

  /** A client with this id is let in from `address` while another one is connected. */
  note(clientId: string, address: string): void {
    const { clock, log, perMinute, onTakeover, onContested } = this.#parts;
    const nowMs = clock.monoMs();
    const before = this.#recent.get(clientId) ?? [];
    const recent = [
      ...before.filter(({ atMs }) => nowMs - atMs < TAKEOVER_WINDOW_MS),
      { atMs: nowMs, address },
    ];
    this.#recent.delete(clientId);
    // One more than matter: a duel must not fill the memory.
    this.#recent.set(clientId, recent.slice(-perMinute - 1));
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > WATCHED_MAX && oldest !== undefined) this.#recent.delete(oldest);
    onTakeover();
    log.info({ client: clientId, address }, 'mqtt.session-taken-over');
    if (recent.length <= perMinute) return;
    const addresses = [...new Set(recent.map((each) => each.address))];
    log.warn({ client: clientId, code: 'WP3320', addresses }, 'mqtt.session-contested');
    onContested({ clientId, takeovers: recent.length, addresses });
  }
}
