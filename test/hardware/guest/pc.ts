import { once } from 'node:events';
import { constants, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emulator } from './emulator.ts';
import { PC_FOLDER, PROJECT } from './pc-files.ts';

export interface Ran {
  readonly status: number;
  readonly output: string;
}

/**
 * A PC in QEMU that runs Debian's kernel and systemd, with a hardware watchdog (i6300esb), a disk of its own, no network,
 * and the project read-only at /opt/watchpost. Its clock counts instructions, a thousand million a second, so that what
 * takes long there does so on any machine, however busy.
 */
export class Pc {
  readonly #folder: string;
  readonly #orders: Server;
  #line: Socket | null = null;
  #qemu: Emulator;

  private constructor(folder: string, orders: Server) {
    this.#folder = folder;
    this.#orders = orders;
    this.#qemu = this.#boot();
    orders.on('connection', (line) => {
      this.#line = line;
      this.#qemu.listen(line);
    });
  }

  /** `prepare` gets a folder: what is put there is on the machine when it starts. */
  static async start(prepare: (files: string) => Promise<void>): Promise<Pc> {
    // A short path: a socket's may have 107 bytes at most.
    const folder = mkdtempSync(join(tmpdir(), 'wp-pc-'));
    mkdirSync(join(folder, 'files'));
    await prepare(join(folder, 'files'));
    copyFileSync(join(PC_FOLDER, 'disk.img'), join(folder, 'disk'), constants.COPYFILE_FICLONE);
    const orders = createServer().listen(join(folder, 'orders'));
    await once(orders, 'listening');
    const pc = new Pc(folder, orders);
    try {
      await pc.up();
      return pc;
    } catch (cause) {
      await pc.close();
      throw cause;
    }
  }

  /** Waits until the machine says that it has started; to be asked before it is made to start again. */
  async up(): Promise<void> {
    await this.#qemu.line((line) => line === '=> ready');
  }

  /** Runs a shell script there, as root. */
  async run(script: string): Promise<Ran> {
    const answer = this.#qemu.line((line) => /^=> \d/.test(line));
    this.#line?.write(`${Buffer.from(script).toString('base64')}\n`);
    const [, status, output = ''] = (await answer).split(' ');
    return { status: Number(status), output: Buffer.from(output, 'base64').toString().trim() };
  }

  /** Cuts the power, gives it back, and waits until the machine has started. */
  async cutPower(): Promise<void> {
    await this.#qemu.close();
    this.#qemu = this.#boot();
    await this.up();
  }

  async close(): Promise<void> {
    await this.#qemu.close();
    this.#orders.close();
    rmSync(this.#folder, { recursive: true });
  }

  #boot(): Emulator {
    return new Emulator('qemu-system-x86_64', argumentsOf(this.#folder));
  }
}

function argumentsOf(folder: string): string[] {
  const share = (tag: string, path: string) => [
    '-virtfs',
    `local,path=${path},mount_tag=${tag},security_model=none,readonly=on,multidevs=remap`,
  ];
  return [
    ['-M', 'q35', '-cpu', 'max', '-m', '1024', '-accel', 'tcg', '-icount', 'shift=0'],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio'],
    ['-chardev', `socket,id=orders,path=${folder}/orders`, '-serial', 'chardev:orders'],
    ['-kernel', join(PC_FOLDER, 'vmlinuz'), '-initrd', join(PC_FOLDER, 'initrd')],
    ['-append', 'console=ttyS0 quiet panic=0 mitigations=off systemd.getty_auto=0 systemd.show_status=0'],
    ['-drive', `file=${folder}/disk,if=none,id=disk,format=raw`, '-device', 'virtio-blk-pci,drive=disk'],
    ['-device', 'i6300esb', '-action', 'watchdog=reset'],
    [...share('project', PROJECT), ...share('files', join(folder, 'files'))],
  ].flat();
}
