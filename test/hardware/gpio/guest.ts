import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Emulator } from '../guest/emulator.ts';
import { type GuestFiles, guestFiles } from './guest-files.ts';

/** Registers of the PL061 in QEMU’s virt machine: all eight lines’ levels; which are outputs (ARM DDI 0190). */
const GPIODATA = 0x90303fc;
const GPIODIR = 0x9030400;

/**
 * An arm64 machine in QEMU with a GPIO chip (PL061, 8 lines). Its lines are moved from here through QEMU's test
 * protocol; its kernel, its Node and the driver in it know nothing of that.
 */
export class Guest {
  readonly #folder: string;
  readonly #qemu: Emulator;
  #lines: Socket | null = null;
  #chip = '';
  #ticks = 0;
  #onRead: (value: number) => void = () => undefined;

  private constructor(folder: string, { kernel, initrd }: GuestFiles) {
    this.#folder = folder;
    this.#qemu = new Emulator('qemu-system-aarch64', argumentsOf(folder, kernel, initrd));
  }

  static async start(): Promise<Guest> {
    // A short path: a socket's may have 107 bytes at most.
    const folder = mkdtempSync(join(tmpdir(), 'wp-guest-'));
    const guest = new Guest(folder, guestFiles(folder));
    try {
      await guest.#connect();
      return guest;
    } catch (cause) {
      await guest.close();
      throw cause;
    }
  }

  /** Gives the guest an order and waits for its answer. */
  async ask(order: string): Promise<unknown> {
    const answer = this.#answer();
    this.#qemu.write(`${order}\n`);
    const text = await answer;
    return /^[[{"]/.test(text) ? JSON.parse(text) : text;
  }

  /** Sets the voltage of a line, and waits until the guest’s kernel has taken note of it. */
  async set(line: number, level: 0 | 1): Promise<void> {
    this.#lines?.write(`set_irq_in ${this.#chip} unnamed-gpio-in ${line} ${level}\n`);
    this.#ticks += 1;
    const tick = `t${this.#ticks}`;
    const echoed = this.#qemu.line((text) => text === tick);
    this.#qemu.write(`${tick}\n`);
    await echoed;
  }

  /** The voltage that the guest drives a line with; null where it does not. */
  async driven(line: number): Promise<0 | 1 | null> {
    const bit = (value: number): 0 | 1 => (((value >> line) & 1) === 1 ? 1 : 0);
    const isOutput = bit(await this.#read(GPIODIR)) === 1;
    return isOutput ? bit(await this.#read(GPIODATA)) : null;
  }

  /** Sets a line to these levels, one after another, `everyMs` apart or as fast as the guest takes note. */
  async play(line: number, levels: readonly (0 | 1)[], everyMs: number): Promise<void> {
    for (const level of levels) {
      const dueMs = performance.now() + everyMs;
      await this.set(line, level);
      const leftMs = dueMs - performance.now();
      if (leftMs > 0) await sleep(leftMs);
    }
  }

  async close(): Promise<void> {
    this.#lines?.destroy();
    await this.#qemu.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #connect(): Promise<void> {
    await this.#answer();
    this.#chip = await this.#findChip();
    this.#lines = createConnection(join(this.#folder, 'qtest'));
    await once(this.#lines, 'connect');
    this.#lines.setEncoding('utf8');
    this.#lines.on('data', (text: string) => this.#hearOfLines(text));
  }

  async #read(address: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#onRead = resolve;
    this.#lines?.write(`readl 0x${address.toString(16)}\n`);
    return await this.#qemu.orFailure(promise);
  }

  /** `OK` for a line that was set, `OK 0x…` for a register that was read. */
  #hearOfLines(text: string): void {
    const read = /^OK (0x[0-9a-f]+)$/m.exec(text);
    if (read !== null) this.#onRead(Number(read[1]));
  }

  async #answer(): Promise<string> {
    return (await this.#qemu.line((text) => text.startsWith('=> '))).slice(3);
  }

  /** The path of the chip among QEMU’s objects, which changes with its version. */
  async #findChip(): Promise<string> {
    const socket = createConnection(join(this.#folder, 'qmp'));
    const ask = (execute: string, args = {}) =>
      socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    ask('qmp_capabilities');
    ask('qom-list', { path: '/machine/unattached' });
    for await (const line of createInterface({ input: socket })) {
      const { return: found } = JSON.parse(line);
      if (!Array.isArray(found)) continue;
      socket.destroy();
      const { name } = found.find(({ type }) => type === 'child<pl061>');
      return `/machine/unattached/${name}`;
    }
    throw new Error('QEMU does not say which chips it has');
  }
}

function argumentsOf(folder: string, kernel: string, initrd: string): string[] {
  return [
    ['-M', 'virt,gic-version=2', '-cpu', 'cortex-a53', '-m', '768', '-accel', 'tcg,thread=single'],
    ['-nographic', '-no-reboot', '-net', 'none', '-monitor', 'none', '-serial', 'stdio'],
    ['-kernel', kernel, '-initrd', initrd],
    ['-append', 'console=ttyAMA0 quiet loglevel=3 panic=-1 rdinit=/init'],
    ['-qtest', `unix:${folder}/qtest,server=on,wait=off`, '-qtest-log', '/dev/null'],
    ['-qmp', `unix:${folder}/qmp,server=on,wait=off`],
  ].flat();
}
