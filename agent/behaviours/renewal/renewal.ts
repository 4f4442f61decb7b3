import type { Cancel, Clock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { RenewableIdentity } from '../../ports/identity.ts';
import type { Link } from '../../ports/link.ts';
import type { PartHealth } from '../../ports/makers.ts';

export interface RenewalParts {
  readonly identity: RenewableIdentity;
  readonly link: Pick<Link, 'onState' | 'reconnect'>;
  readonly recorder: Pick<EventRecorder, 'recordEvent'>;
  /** Whether nobody waits for help: a connection is not exchanged under an alarm. */
  readonly isQuiet: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly onHealth: (health: PartHealth) => void;
}

/** The answer goes out first. */
const ANSWER_MS = 1_000;
/** How often it is looked whether it is quiet. */
const LOOK_AGAIN_MS = 5_000;
/** A broker looks every ten seconds whether it has a new authority (docs/identity.md). */
const PUT_OFF_MS = 20_000;

/** Exchanges the device's key and certificate while it runs (docs/identity.md, Renewal). */
export class Renewal {
  readonly #parts: RenewalParts;
  #stopListening: Cancel | null = null;
  #stopWaiting: Cancel | null = null;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopListening ??= this.#parts.link.onState((state) => {
      if (state === 'up') this.#cameIn();
    });
  }

  /** Idempotent. */
  close(): void {
    this.#stopListening?.();
    this.#stopWaiting?.();
    this.#stopListening = null;
    this.#stopWaiting = null;
  }

  /** The request for a certificate for a new key. Rejects with WP4420 or WP4421. */
  async request(): Promise<Record<string, unknown>> {
    return { csr: await this.#parts.identity.request() };
  }

  /** Takes a certificate into use at the next quiet moment. Rejects with WP4420 or WP4422. */
  async install({ pem }: { readonly pem: string }): Promise<Record<string, unknown>> {
    const { serial, expiresAt } = await this.#parts.identity.install(pem);
    this.#parts.log.info({ serial, expiresAt }, 'identity.exchanged');
    this.#reconnectIn(ANSWER_MS);
    return { serial, expiresAt };
  }

  #reconnectIn(ms: number): void {
    this.#stopWaiting?.();
    this.#stopWaiting = this.#parts.clock.after(ms, () => {
      if (this.#parts.isQuiet()) this.#parts.link.reconnect();
      else this.#reconnectIn(LOOK_AGAIN_MS);
    });
  }

  #cameIn(): void {
    const { identity, recorder, log, onHealth } = this.#parts;
    const exchange = identity.cameIn();
    const now = identity.certificate;
    if (exchange === 'none' || now === null) return;
    if (exchange === 'put-off') {
      log.warn({ code: 'WP4429' }, 'identity.put-off');
      this.#reconnectIn(PUT_OFF_MS);
      return;
    }
    const { serial, expiresAt } = now;
    if (exchange === 'given-back') {
      log.warn({ code: 'WP4423', serial }, 'identity.given-back');
      onHealth({ state: 'degraded', code: 'WP4423' });
      return;
    }
    log.info({ serial, expiresAt }, 'identity.renewed');
    onHealth({ state: 'ok' });
    recorder.recordEvent('wp.identity.renewed.v1', { serial, expiresAt });
  }
}
