import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Frame } from '#agent/ports/frames.ts';
import { WatchpostError } from '#contract/errors.ts';

const SCRIPT = fileURLToPath(new URL('opencv-pipeline.py', import.meta.url));
/** Debian's own Python first: its OpenCV comes as a Debian package. */
const PYTHONS = ['/usr/bin/python3', 'python3'];

/** OpenCV in a Python of its own, over the same pictures again and again. */
export interface OpenCv {
  readonly version: string;
  /** Milliseconds a picture of one run over all of them. Throws WP5051. */
  readonly run: (which: 'one' | 'dual') => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Starts it on `frames`; null where no Python has OpenCV. Throws WP5051 when it fails. */
export async function openOpenCv(frames: readonly Frame[]): Promise<OpenCv | null> {
  const python = PYTHONS.find((path) => spawnSync(path, ['-c', 'import cv2']).status === 0);
  const [first] = frames;
  if (python === undefined || first === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), 'watchpost-opencv-'));
  const file = join(folder, 'frames.raw');
  writeFileSync(file, Buffer.concat(frames.map(({ data }) => data)));
  const child = spawn(python, [SCRIPT, file, String(first.width), String(first.height)]);
  const lines = new Answers(child);
  const close = async () => {
    child.stdin.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
  const run = async (which: 'one' | 'dual') => {
    child.stdin.write(`${which}\n`);
    return Number(await lines.next());
  };
  try {
    return { version: await lines.next(), run, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The lines that the child prints, one after another. */
class Answers {
  readonly #lines: AsyncIterator<string>;
  #said = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // Writing to one that has died: the missing answer says the same.
    child.stdin.on('error', (error) => {
      this.#said += error.message;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-400);
    });
  }

  async next(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done !== true) return value;
    throw new WatchpostError('WP5051', { detail: this.#said.trim() });
  }
}
