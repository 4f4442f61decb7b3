import { once } from 'node:events';
import type { Board, FirmataIo } from 'johnny-five';
import type { SerialPort } from 'serialport';
import type { Cancel, Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { LIT_FROM } from '../../ports/lamp-rhythm.ts';
import type { FirmataBoardConfig, Pin } from './config.ts';
import { type GreetedBoard, shakeHands } from './handshake.ts';
import { closeLine, dropLine, openLine } from './serial-line.ts';

/**
 * The board is asked this often. A cable that was pulled is found out by it at the latest: serialport takes the end of
 * a line that was hung up for nothing to read, and reads on without end (bindings-cpp 13, unixRead); writing fails.
 */
const HEARTBEAT_MS = 1_000;
/** A firmware that hangs leaves the line open; it is given up after so many questions without an answer. */
const MOST_SILENCES = 10;
/** StandardFirmata samples every 19 ms. */
const READING_WITHIN_MS = 2_000;
const FLUSHED_WITHIN_MS = 1_000;

export type Bit = 0 | 1;

interface Parts {
  readonly greeted: GreetedBoard;
  readonly line: SerialPort;
  readonly clock: Clock;
  readonly onEnd: (error: WatchpostError) => void;
}

/** One connection to a board, from its handshake until it is closed or lost. */
export class FirmataSession {
  readonly #parts: Parts;
  readonly #io: FirmataIo;
  readonly #ended = new AbortController();
  readonly #levels = new Map<number, Bit>();
  readonly #watchers = new Map<number, (level: Bit) => void>();
  readonly #modes = new Map<number, number>();
  readonly #pulledUp = new Set<number>();
  #lastBarrier: Promise<unknown> = Promise.resolve();
  #heartbeat: Cancel = () => undefined;
  #heard = true;
  #silences = 0;

  /** @throws WatchpostError WP2320–WP2324 */
  static async open(
    config: FirmataBoardConfig,
    parts: { clock: Clock; log: Log; signal: AbortSignal; onEnd: (error: WatchpostError) => void },
  ): Promise<FirmataSession> {
    const line = await openLine(config);
    line.on('error', (err) => {
      parts.log.warn({ path: line.path, err }, 'firmata.line-error');
      void dropLine(line);
    });
    try {
      const greeted = await shakeHands(line, parts);
      const session = new FirmataSession({ greeted, line, ...parts });
      session.#begin();
      return session;
    } catch (cause) {
      await dropLine(line);
      throw cause;
    }
  }

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#io = parts.greeted.board.io;
  }

  get #board(): Board {
    return this.#parts.greeted.board;
  }

  get firmware(): string {
    return this.#io.firmware.name ?? 'unnamed';
  }

  /**
   * Reads a pin from now on; `onLevel` hears raw levels, several times the same.
   * @returns the level found
   * @throws WatchpostError WP2325, WP2323
   */
  async input(
    pin: Pin,
    { pullup, onLevel }: { pullup: boolean; onLevel: (level: Bit) => void },
  ): Promise<Bit> {
    const number = this.#numberOf(pin);
    this.#watchers.set(number, onLevel);
    if (this.#setInput(number, pin, pullup)) this.#io.reportDigitalPin(number, 1);
    // A level is told when it differs from the last one told, which is 0 after the reset, by the loop after the one
    // that obeyed: the second answer comes behind it (StandardFirmata.ino, loop and checkDigitalInputs).
    await this.barrier();
    await this.barrier();
    return this.#levels.get(number) ?? 0;
  }

  /** Nobody hears of this pin any more. */
  release(pin: Pin): void {
    this.#watchers.delete(this.#numberOf(pin));
  }

  /** @throws WatchpostError WP2325 */
  output(pin: Pin, { dimmable }: { dimmable: boolean }): void {
    const number = this.#numberOf(pin);
    const { OUTPUT, PWM } = this.#io.MODES;
    this.#setMode(number, pin, dimmable && this.#can(number, PWM) ? PWM : OUTPUT);
  }

  /** Drives an output pin with `level` from 0 (ground) to 1 (supply); one without PWM is on from half on. */
  write(pin: Pin, level: number): void {
    if (this.#ended.signal.aborted) return;
    const number = this.#numberOf(pin);
    if (this.#modes.get(number) === this.#io.MODES.PWM) {
      this.#board.pwmWrite(number, Math.round(level * (this.#io.RESOLUTION.PWM ?? 255)));
      return;
    }
    this.#keepPullUps(number);
    this.#board.digitalWrite(number, level >= LIT_FROM ? 1 : 0);
  }

  /**
   * Turns the servo on this pin to `degrees`, 0–180, with pulses of `minUs` at 0° and `maxUs` at 180°; resolves when
   * the board has obeyed.
   * @throws WatchpostError WP2325, WP2323
   */
  async servo(
    pin: Pin,
    { degrees, minUs, maxUs }: { degrees: number; minUs: number; maxUs: number },
  ): Promise<void> {
    const number = this.#numberOf(pin);
    if (this.#modes.get(number) !== this.#io.MODES.SERVO) {
      this.#take(number, pin, this.#io.MODES.SERVO);
      // Takes the pin as well; pinMode would start the pulses with the range of the library.
      this.#board.servoConfig(number, minUs, maxUs);
    }
    this.#board.servoWrite(number, degrees);
    await this.barrier();
  }

  /**
   * The next sample of an analog pin as a share of the reference voltage, 0–1.
   * @throws WatchpostError WP2325 (not analog), WP2327 (none came), WP2323
   */
  async analog(pin: Pin): Promise<number> {
    const channel = this.#channelOf(pin);
    this.#io.reportAnalogPin(channel, 1);
    const late = new AbortController();
    const cancel = this.#parts.clock.after(READING_WITHIN_MS, () => late.abort());
    try {
      const signal = AbortSignal.any([late.signal, this.#ended.signal]);
      const [value] = await once(this.#io, `analog-read-${channel}`, { signal });
      return Number(value) / (this.#io.RESOLUTION.ADC ?? 1023);
    } catch (cause) {
      throw this.#endOr(new WatchpostError('WP2327', { detail: `pin ${pin}`, cause }));
    } finally {
      cancel();
    }
  }

  /** Resolves when the board has obeyed everything that was sent before. */
  async barrier(): Promise<void> {
    const mine = this.#lastBarrier.then(() => this.#ask());
    this.#lastBarrier = mine.catch(() => undefined);
    await mine;
  }

  /** Like `barrier`, for whoever leaves: a board that hangs or is gone is not waited for. */
  async flush(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#parts.clock.after(FLUSHED_WITHIN_MS, resolve);
    await Promise.race([promise, this.barrier().catch(() => undefined)]);
    cancel();
  }

  async close(): Promise<void> {
    this.#end(new WatchpostError('WP2323', { detail: 'closed' }));
    await closeLine(this.#parts.line);
  }

  #begin(): void {
    const { line, clock } = this.#parts;
    line.once('close', () => this.#lose(new WatchpostError('WP2323', { detail: line.path })));
    line.on('data', () => {
      this.#heard = true;
    });
    this.#io.on('digital-read', ({ pin, value }: { pin: number; value: Bit }) => {
      this.#levels.set(pin, value);
      this.#watchers.get(pin)?.(value);
    });
    this.#io.reset();
    this.#heartbeat = clock.every(HEARTBEAT_MS, () => this.#beat());
  }

  #beat(): void {
    this.#silences = this.#heard ? 0 : this.#silences + 1;
    this.#heard = false;
    if (this.#silences < MOST_SILENCES) {
      this.#io.queryFirmware(() => undefined);
      return;
    }
    const { line } = this.#parts;
    this.#lose(new WatchpostError('WP2326', { detail: line.path }));
    void dropLine(line);
  }

  #lose(error: WatchpostError): void {
    if (this.#ended.signal.aborted) return;
    this.#end(error);
    this.#parts.onEnd(error);
  }

  #end(error: WatchpostError): void {
    if (this.#ended.signal.aborted) return;
    this.#heartbeat();
    this.#watchers.clear();
    this.#ended.abort(error);
    this.#parts.greeted.forget();
  }

  async #ask(): Promise<void> {
    try {
      const answer = once(this.#io, 'reportversion', { signal: this.#ended.signal });
      if (!this.#ended.signal.aborted) this.#io.reportVersion(() => undefined);
      await answer;
    } catch (cause) {
      throw this.#endOr(new WatchpostError('WP2323', { cause }));
    }
  }

  #endOr(error: WatchpostError): WatchpostError {
    const { reason } = this.#ended.signal;
    return reason instanceof WatchpostError ? reason : error;
  }

  #setInput(number: number, pin: Pin, pullup: boolean): boolean {
    const { INPUT, PULLUP } = this.#io.MODES;
    const mode = pullup && this.#can(number, PULLUP) ? PULLUP : INPUT;
    if (this.#modes.get(number) === mode && this.#pulledUp.has(number) === pullup) return false;
    this.#setMode(number, pin, mode);
    if (!pullup) return true;
    this.#pulledUp.add(number);
    // Before Firmata 2.5 a pull-up is a 1 written to an input.
    if (mode === INPUT) this.#board.digitalWrite(number, 1);
    return true;
  }

  /**
   * Outputs are written eight at a time, and firmata-io writes back to an input what it last read there: without
   * this, a lamp that blinks while a button of its port is held would turn off the button's pull-up.
   */
  #keepPullUps(number: number): void {
    for (const pulledUp of this.#pulledUp) {
      if (pulledUp >> 3 === number >> 3) this.#io.updateDigitalPort(pulledUp, 1);
    }
  }

  #setMode(number: number, pin: Pin, mode: number): void {
    this.#take(number, pin, mode);
    this.#board.pinMode(number, mode);
  }

  #take(number: number, pin: Pin, mode: number): void {
    if (!this.#can(number, mode)) {
      throw new WatchpostError('WP2325', { detail: `pin ${pin}, firmware ${this.firmware}` });
    }
    this.#modes.set(number, mode);
    this.#pulledUp.delete(number);
  }

  #can(number: number, mode: number): boolean {
    return this.#io.pins[number]?.supportedModes.includes(mode) ?? false;
  }

  #numberOf(pin: Pin): number {
    const number = typeof pin === 'number' ? pin : this.#io.analogPins[Number(pin.slice(1))];
    if (number === undefined) throw new WatchpostError('WP2325', { detail: `no pin ${pin} on this board` });
    return number;
  }

  #channelOf(pin: Pin): number {
    const channel = this.#io.analogPins.indexOf(this.#numberOf(pin));
    if (channel < 0) throw new WatchpostError('WP2325', { detail: `pin ${pin} is not analog` });
    return channel;
  }
}
