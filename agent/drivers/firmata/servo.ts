import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Actuator, ActuatorListener } from '../../ports/actuators.ts';
import type { BoardPart, FirmataBoard } from './board.ts';
import type { FirmataServoConfig } from './config.ts';
import type { FirmataSession } from './session.ts';

interface Parts {
  readonly name: string;
  readonly restDegrees: number;
  readonly config: FirmataServoConfig;
  readonly board: FirmataBoard;
  readonly clock: Clock;
}

/**
 * A servo on a pin. Whenever its board is found it turns to its rest: where it stood while the board was away, or
 * whether somebody has moved it by hand meanwhile, nobody knows.
 */
export class FirmataServo implements Actuator, BoardPart {
  readonly name: string;
  readonly #parts: Parts;
  #listener: ActuatorListener | null = null;
  #session: FirmataSession | null = null;
  #trouble: WatchpostError;
  #letGo: Cancel | null = null;

  constructor(parts: Parts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#trouble = this.#notStarted();
  }

  /** @throws WatchpostError WP2325; a board that is not there is waited for */
  async start(listener: ActuatorListener): Promise<void> {
    this.#listener = listener;
    const trouble = await this.#parts.board.join(this);
    if (trouble === null || this.#listener !== listener) return;
    this.#trouble = trouble;
    listener.lost(trouble);
  }

  /** @throws WatchpostError WP2390, WP2320–WP2326 */
  async turn(degrees: number): Promise<void> {
    if (this.#session === null) throw this.#trouble;
    await this.#turn(this.#session, degrees);
  }

  /** Resolves when it has been told to turn to its rest; the board goes on holding it there. */
  async close(): Promise<void> {
    this.#listener = null;
    const session = this.#session;
    if (session !== null) {
      void this.#turn(session, this.#parts.restDegrees).catch((cause: unknown) => {
        this.#trouble = cause instanceof WatchpostError ? cause : this.#trouble;
      });
      await session.flush();
    }
    this.#stopWaiting();
    this.#session = null;
    this.#trouble = this.#notStarted();
    await this.#parts.board.leave(this);
  }

  async attach(session: FirmataSession): Promise<void> {
    await this.#turn(session, this.#parts.restDegrees);
    this.#session = session;
    this.#listener?.back();
  }

  lost(error: WatchpostError): void {
    this.#stopWaiting();
    this.#session = null;
    this.#trouble = error;
    this.#listener?.lost(error);
  }

  async #turn(session: FirmataSession, degrees: number): Promise<void> {
    const { pin, minUs, maxUs, idleAfterS } = this.#parts.config;
    this.#stopWaiting();
    if (idleAfterS !== undefined) {
      this.#letGo = this.#parts.clock.after(idleAfterS * 1000, () =>
        session.output(pin, { dimmable: false }),
      );
    }
    await session.servo(pin, { degrees, minUs, maxUs });
  }

  #stopWaiting(): void {
    this.#letGo?.();
    this.#letGo = null;
  }

  #notStarted(): WatchpostError {
    return new WatchpostError('WP2390', { detail: `${this.name} is not started` });
  }
}
