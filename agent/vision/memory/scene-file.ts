import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { isMemoryBacked } from '#agent/ports/memory-backed.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { DetectorMemory } from '../detector-memory.ts';
import { isDetectorMemory } from './shape.ts';

export interface SceneFileOptions {
  /** On memory-backed storage, for this user alone. */
  readonly folder: string;
  /** Of the machine: what was kept before a reboot is not taken. */
  readonly bootId: string;
  /** Milliseconds since the machine booted, the same in every process. */
  readonly sinceBootMs: () => number;
}

/** A memory with its age now. */
export interface KeptScene {
  readonly memory: DetectorMemory;
  /** When it was written, in milliseconds since boot. */
  readonly atMs: number;
}

/** After five minutes too much has changed in a public place for what was known of it to hold. */
export const MAX_AGE_S = 300;
/** Far above a scene of 640×360 (1.6 MB). */
const MAX_BYTES = 8 * 1024 * 1024;
const MAGIC = 'WPSCENE1';
const CRC_AT = MAGIC.length + 4;
const HEAD_BYTES = CRC_AT + 4;

const Header = z.object({
  identity: z.string(),
  bootId: z.string(),
  atMs: z.number(),
  bytes: z.int().min(1).max(MAX_BYTES),
});

/**
 * What a detector knows, kept in a file for the process that comes after a crash. It holds a picture of the scene, so
 * it is written to memory-backed storage or not at all. The file is whole or not there (renamed into place), and is
 * checked on reading. Whoever goes on with it removes it first, so that one that brings a process down does it once.
 */
export class SceneFile {
  readonly #options: SceneFileOptions;
  readonly #file: string;

  constructor(options: SceneFileOptions) {
    this.#options = options;
    this.#file = join(options.folder, 'scene');
  }

  /**
   * `identity` says what the memory is of: another one's is not taken. Throws WP2472 when the folder is not in
   * memory, and when it cannot be written.
   */
  write(memory: DetectorMemory, identity: string): void {
    const { folder, bootId, sinceBootMs } = this.#options;
    if (!isMemoryBacked(folder)) throw new WatchpostError('WP2472', { detail: `${folder} is on a disk` });
    const body = serialize(memory);
    if (body.length > MAX_BYTES) throw new WatchpostError('WP2472', { detail: `${body.length} bytes` });
    const header = { identity, bootId, atMs: sinceBootMs(), bytes: body.length };
    try {
      writeFileSync(`${this.#file}.part`, framed(header, body), { mode: 0o600 });
      renameSync(`${this.#file}.part`, this.#file);
    } catch (cause) {
      throw new WatchpostError('WP2472', { detail: cause instanceof Error ? cause.message : folder, cause });
    }
  }

  /**
   * What the process before has left; null when there is nothing. Throws WP2473 when what is there is of another
   * camera or boot, too old, or damaged; then it is gone.
   */
  read(identity: string): KeptScene | null {
    const bytes = this.#bytes();
    if (bytes === null) return null;
    try {
      return this.#keptIn(bytes, identity);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  #keptIn(bytes: Buffer, identity: string): KeptScene {
    const { bootId } = this.#options;
    const { header, body } = unframed(bytes);
    if (header.identity !== identity) throw refused('it is of another camera or setting');
    if (header.bootId !== bootId) throw refused('the machine was booted since');
    const kept: KeptScene = { memory: memoryFrom(body), atMs: header.atMs };
    if (this.isOld(kept)) throw refused(`it is older than ${MAX_AGE_S} s`);
    return kept;
  }

  isOld(kept: KeptScene): boolean {
    const ageS = this.ageS(kept);
    return ageS < 0 || ageS > MAX_AGE_S;
  }

  ageS({ atMs }: KeptScene): number {
    return (this.#options.sinceBootMs() - atMs) / 1000;
  }

  remove(): void {
    for (const file of [this.#file, `${this.#file}.part`]) rmSync(file, { force: true });
  }

  #bytes(): Buffer | null {
    try {
      return readFileSync(this.#file);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw refused(error instanceof Error ? error.message : String(error));
    }
  }
}

const refused = (detail: string): WatchpostError => new WatchpostError('WP2473', { detail });

/** `WPSCENE1`, the header's length and the CRC-32 of what follows (little endian), the header as JSON, the body. */
function framed(header: z.infer<typeof Header>, body: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(json.length, MAGIC.length);
  head.writeUInt32LE(crc32(body, crc32(json)), CRC_AT);
  return Buffer.concat([head, json, body]);
}

function unframed(bytes: Buffer): { header: z.infer<typeof Header>; body: Buffer } {
  if (bytes.length < HEAD_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw refused('it is of another version');
  }
  const end = HEAD_BYTES + bytes.readUInt32LE(MAGIC.length);
  const isWhole = crc32(bytes.subarray(HEAD_BYTES)) === bytes.readUInt32LE(CRC_AT);
  const header = isWhole ? Header.safeParse(jsonFrom(bytes.subarray(HEAD_BYTES, end))) : null;
  const body = bytes.subarray(end);
  if (!header?.success || body.length !== header.data.bytes) throw refused('it is damaged');
  return { header: header.data, body };
}

function jsonFrom(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null; // Refused by its shape, with a code.
  }
}

function memoryFrom(body: Buffer): DetectorMemory {
  const value = deserialized(body);
  if (!isDetectorMemory(value)) throw refused('it is of another version');
  return value;
}

function deserialized(body: Buffer): unknown {
  try {
    return deserialize(body);
  } catch (cause) {
    throw new WatchpostError('WP2473', { detail: 'it is damaged', cause });
  }
}
