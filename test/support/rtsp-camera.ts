import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';
const SERVER = fileURLToPath(new URL('./rtsp-server.py', import.meta.url));
const NEEDS =
  'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer';

/** Reason to skip, or false. */
export function noRtspServer(): string | false {
  const { status } = spawnSync(PYTHON, ['-c', NEEDS], { stdio: 'ignore', timeout: 30_000 });
  return status === 0 ? false : 'no RTSP server: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi';
}

/** A real RTSP server on loopback that can be stopped, stalled, and come back as another camera. */
export class RtspCamera {
  readonly #child: ChildProcessWithoutNullStreams = spawn(PYTHON, [SERVER]);
  readonly #lines: Interface = createInterface({ input: this.#child.stdout });
  #port = 0;

  get url(): string {
    return `rtsp://127.0.0.1:${this.#port}/camera`;
  }

  /** Shows a test picture; on the port of before, if there was one. */
  async serve(width: number, height: number, framesPerSecond: number): Promise<void> {
    await this.#listen(`serve ${this.#port} ${width} ${height} ${framesPerSecond}`);
  }

  /** Shows a video, from its beginning when the first one looks. */
  async play(file: string): Promise<void> {
    await this.#listen(`play ${this.#port} ${file}`);
  }

  async stop(): Promise<void> {
    await this.#order('stop');
  }

  /** Goes on being connected, but sends nothing. */
  async stall(): Promise<void> {
    await this.#order('stall');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async #listen(order: string): Promise<void> {
    const [, port] = (await this.#order(order)).split(' ');
    this.#port = Number(port);
  }

  async #order(line: string): Promise<string> {
    const answer = once(this.#lines, 'line');
    this.#child.stdin.write(`${line}\n`);
    const [text] = await answer;
    return String(text);
  }
}
