import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { FirmataBoardConfig } from '#agent/drivers/firmata/config.ts';
import { PROFILE_PART } from '#contract/bundle/metadata.ts';
import type { VerifiedBundle } from '#contract/bundle/verify.ts';
import { WatchpostError } from '#contract/errors.ts';
import { bytesInWords } from '../quantities.ts';
import { type SourceBundle, withVerified } from '../source-bundle.ts';
import type { Progress, ReadBack, Sight, Target } from '../target.ts';
import { compare, type Line, LOADERS, program } from './avrdude.ts';
import { usersOf } from './port-users.ts';

export interface BoardOptions {
  /** `boards/NAME.hex` of the bundle; null where there is but one. */
  readonly board: string | null;
  /** What the profile does not say. */
  readonly model: keyof typeof LOADERS | null;
}

/** Of a profile, what is needed here; the rest is the device's business. */
const Boards = z.object({
  boards: z
    .array(z.object({ name: z.string(), with: FirmataBoardConfig.pick({ model: true }).partial().loose() }))
    .default([]),
});

const HEX_PART = /^boards\/(.+)\.hex$/;

/** An Arduino on a serial port: its firmware from the bundle, by its own bootloader. */
export class BoardTarget implements Target {
  readonly name: string;
  readonly next: string;
  readonly #port: string;
  readonly #source: SourceBundle;
  readonly #options: BoardOptions;
  #work: { readonly folder: string; readonly hex: string; readonly board: string } | null = null;
  #line: Line | null = null;
  /** What was last seen of its flash; null since it was written. */
  #verdict: 'same' | 'other' | null = null;

  constructor(port: string, source: SourceBundle, options: BoardOptions) {
    this.name = `board:${port}`;
    this.#port = port;
    this.#source = source;
    this.#options = options;
    this.next =
      'plug the board into the device; its profile says which pins it must have: scripts/watchpost profile lint FILE';
  }

  async open(): Promise<void> {
    if (!existsSync(this.#port)) throw new WatchpostError('WP4330', { detail: this.#port });
    const users = usersOf(this.#port);
    if (users.length > 0)
      throw new WatchpostError('WP4309', { detail: `${this.#port}, by ${users.join(', ')}` });
    const folder = await mkdtemp(join(tmpdir(), 'watchpost-board-'));
    const hex = join(folder, 'firmware.hex');
    this.#work = { folder, hex, board: '' };
    const { board, model } = await this.#unpack(hex);
    this.#work = { folder, hex, board };
    this.#line = { port: this.#port, loader: LOADERS[model], baud: LOADERS[model].bauds[0] };
  }

  async look(): Promise<Sight> {
    const { board, hex } = this.#opened();
    const verdict = await this.#firstAnswer(hex);
    this.#verdict = verdict;
    const { part } = this.#lineOf().loader;
    const bytes = this.#source.manifest.parts.find(({ name }) => name === `boards/${board}.hex`)?.length ?? 0;
    return {
      what: `a board with ${part} that answers; it was restarted to ask`,
      steps:
        verdict === 'same'
          ? []
          : [
              `write the firmware of ${board} (${bytesInWords(bytes)} of Intel HEX)`,
              'have the board’s flash read back and compared',
            ],
      risks:
        verdict === 'same'
          ? []
          : [
              'while it is written the board has no firmware; its bootloader stays, and the same command goes on',
            ],
      bytes: verdict === 'same' ? 0 : bytes,
    };
  }

  async write(progress: Progress): Promise<void> {
    const { hex, board } = this.#opened();
    this.#verdict = null;
    await program(this.#lineOf(), hex);
    progress(this.#source.manifest.parts.find(({ name }) => name === `boards/${board}.hex`)?.length ?? 0);
  }

  async readBack(): Promise<ReadBack> {
    const { hex, board } = this.#opened();
    this.#verdict ??= await compare(this.#lineOf(), hex);
    if (this.#verdict === 'other') {
      throw new WatchpostError('WP4313', { detail: `${this.name}, ${board}` });
    }
    return {
      sha256: null,
      from: 'medium',
      how: `the flash of ${board} was read through its bootloader and is the firmware, byte for byte`,
    };
  }

  async close(): Promise<void> {
    const work = this.#work;
    this.#work = null;
    if (work !== null) await rm(work.folder, { recursive: true, force: true });
  }

  /** At the speed of the first bootloader that answers. */
  async #firstAnswer(hex: string): Promise<'same' | 'other'> {
    const line = this.#lineOf();
    for (const baud of line.loader.bauds.slice(0, -1)) {
      this.#line = { ...line, baud };
      try {
        return await compare(this.#line, hex);
      } catch (error) {
        if (!(error instanceof WatchpostError && error.code === 'WP4331')) throw error;
      }
    }
    const baud = line.loader.bauds.at(-1) ?? line.baud;
    this.#line = { ...line, baud };
    return compare(this.#line, hex);
  }

  #unpack(hex: string): Promise<{ board: string; model: keyof typeof LOADERS }> {
    return withVerified(this.#source, async (bundle) => {
      const board = boardOf(bundle, this.#options.board);
      await writeFile(hex, await partOf(bundle, `boards/${board}.hex`));
      return { board, model: this.#options.model ?? (await modelOf(bundle, board)) };
    });
  }

  #opened() {
    if (this.#work === null) throw new WatchpostError('WP4312', { detail: `${this.name} is not open` });
    return this.#work;
  }

  #lineOf(): Line {
    if (this.#line === null) throw new WatchpostError('WP4312', { detail: `${this.name} is not open` });
    return this.#line;
  }
}

/** @throws WatchpostError WP4333 */
function boardOf({ manifest }: VerifiedBundle, wanted: string | null): string {
  const boards = manifest.parts.flatMap(({ name }) => HEX_PART.exec(name)?.[1] ?? []);
  const [only] = boards;
  const board = wanted ?? (boards.length === 1 ? only : undefined);
  if (board !== undefined && boards.includes(board)) return board;
  const has =
    boards.length === 0 ? 'the bundle has no firmware' : `the bundle has firmware for ${boards.join(', ')}`;
  throw new WatchpostError('WP4333', { detail: wanted === null ? has : `${wanted}: ${has}` });
}

async function modelOf(bundle: VerifiedBundle, board: string): Promise<keyof typeof LOADERS> {
  const profile = Boards.parse(JSON.parse((await partOf(bundle, PROFILE_PART)).toString('utf8')));
  const model = profile.boards.find(({ name }) => name === board)?.with.model;
  if (model === undefined) throw new WatchpostError('WP4334', { detail: board });
  return model;
}

async function partOf({ manifest, read }: VerifiedBundle, wanted: string): Promise<Buffer> {
  const part = manifest.parts.find(({ name }) => name === wanted);
  if (part === undefined) throw new WatchpostError('WP4333', { detail: wanted });
  const pieces: Uint8Array[] = [];
  for await (const piece of read(part)) pieces.push(piece);
  return Buffer.concat(pieces);
}
