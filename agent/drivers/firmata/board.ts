import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { PartHealth } from '../../ports/makers.ts';
import type { FirmataBoardConfig } from './config.ts';
import { FirmataSession } from './session.ts';

const LOOK_AGAIN_MS = 3_000;
/** Whoever flashes a board does not need it sooner, and each try restarts it. */
const TRY_OTHER_FIRMWARE_AGAIN_MS = 30_000;

/** Something on a board's pin. */
export interface BoardPart {
  readonly name: string;
  /** The board is there, perhaps anew: sets up the pin. Rejects with WP2325 when the pin cannot be used so. */
  attach(session: FirmataSession): Promise<void>;
  /** The board is gone, or this pin of it is of no use. */
  lost(error: WatchpostError): void;
}

interface Parts {
  readonly name: string;
  readonly config: FirmataBoardConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly onHealth: (health: PartHealth) => void;
}

/** A board that its parts share: opened with the first of them, closed with the last, looked for again when lost. */
export class FirmataBoard {
  readonly #parts: Parts;
  readonly #joined = new Map<BoardPart, Promise<void> | null>();
  #session: FirmataSession | null = null;
  #trouble: WatchpostError | null = null;
  #attempt: Promise<void> | null = null;
  #giveUp = new AbortController();
  #retry: Cancel | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The connection, while there is one. */
  get session(): FirmataSession | null {
    return this.#session;
  }

  /**
   * Takes a part in and waits until the board was looked for once; a part stays joined when it was not found.
   * @returns null when the part is set up, otherwise why the board is not there
   * @throws WatchpostError WP2325 when this part cannot be set up
   */
  async join(part: BoardPart): Promise<WatchpostError | null> {
    if (!this.#joined.has(part)) this.#joined.set(part, null);
    await this.#reach();
    if (this.#session === null) return this.#trouble;
    await this.#attach(part, this.#session);
    return null;
  }

  async leave(part: BoardPart): Promise<void> {
    this.#joined.delete(part);
    if (this.#joined.size > 0) return;
    this.#retry?.();
    this.#retry = null;
    this.#giveUp.abort();
    await this.#attempt;
    if (this.#joined.size > 0) return;
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  async #reach(): Promise<void> {
    if (this.#session !== null) return;
    // Between two tries the outcome of the last one stands.
    if (this.#retry !== null && this.#trouble !== null) return;
    this.#attempt ??= this.#connect().finally(() => {
      this.#attempt = null;
    });
    await this.#attempt;
  }

  async #connect(): Promise<void> {
    const { config, clock, log } = this.#parts;
    this.#giveUp = new AbortController();
    try {
      const session = await FirmataSession.open(config, {
        clock,
        log,
        signal: this.#giveUp.signal,
        onEnd: (error) => this.#lose(error),
      });
      this.#session = session;
      const unfit = await this.#attachAll(session);
      if (this.#session !== session) return;
      this.#trouble = null;
      log.info({ board: this.#parts.name, firmware: session.firmware }, 'firmata.ready');
      this.#parts.onHealth(unfit ?? { state: 'ok' });
    } catch (cause) {
      this.#fails(cause instanceof WatchpostError ? cause : new WatchpostError('WP2321', { cause }));
    }
  }

  /** @returns what to tell when a part has no use of this board, though the others have */
  async #attachAll(session: FirmataSession): Promise<PartHealth | null> {
    const attaching = [...this.#joined.keys()].map(async (part): Promise<PartHealth | null> => {
      try {
        await this.#attach(part, session);
        return null;
      } catch (cause) {
        const error = cause instanceof WatchpostError ? cause : new WatchpostError('WP2325', { cause });
        this.#parts.log.error({ part: part.name, err: error }, 'firmata.part-not-set-up');
        part.lost(error);
        const { code, detail = '', hint } = error;
        return { state: 'degraded', code, detail: `${part.name}, ${detail}: ${hint}` };
      }
    });
    return (await Promise.all(attaching)).find((health) => health !== null) ?? null;
  }

  /** Once a session for each part. */
  #attach(part: BoardPart, session: FirmataSession): Promise<void> {
    const attached = this.#joined.get(part) ?? part.attach(session);
    this.#joined.set(part, attached);
    return attached;
  }

  #lose(error: WatchpostError): void {
    this.#session = null;
    for (const part of this.#joined.keys()) {
      this.#joined.set(part, null);
      part.lost(error);
    }
    this.#fails(error);
  }

  #fails(error: WatchpostError): void {
    const { name, clock, log, onHealth } = this.#parts;
    if (this.#trouble?.code !== error.code) log.warn({ board: name, err: error }, 'firmata.not-there');
    this.#trouble = error;
    if (this.#joined.size === 0) return;
    onHealth({ state: 'failed', code: error.code, detail: `${error.detail ?? name}: ${error.hint}` });
    if (this.#retry !== null) return;
    const afterMs = error.code === 'WP2322' ? TRY_OTHER_FIRMWARE_AGAIN_MS : LOOK_AGAIN_MS;
    this.#retry = clock.after(afterMs, () => {
      this.#retry = null;
      void this.#reach();
    });
  }
}
