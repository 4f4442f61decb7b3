import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import type { CellGrid } from './edge-map.ts';
import type { Place } from './place.ts';
import { decodePlace, encodePlace } from './place-file.ts';
import type { PlaceStore } from './visits.ts';

export interface PlaceFolderOptions {
  readonly folder: string;
  /** Told of files that were damaged (WP2460) or could not be stored (WP2461). */
  readonly onTrouble: (error: WatchpostError) => void;
  /** What is kept at most; the places not visited for longest go first. */
  readonly maxPlaces?: number;
  readonly maxBytes?: number;
}

/** Views that differ by less than this are the same, so that a heading has no border it could fall across. */
const SAME_HEADING_RAD = (7.5 * Math.PI) / 180;
const MAX_PLACES = 256;
const MAX_BYTES = 32 * 1024 * 1024;
const ENDING = '.place';
const FILE = /^[A-Za-z0-9-]{1,64}@-?\d{1,3}\.place$/;

/** Places in files of a folder of their owner: one a view, written whole, synced, then renamed. */
export class PlaceFolder implements PlaceStore {
  readonly #options: PlaceFolderOptions;

  constructor(options: PlaceFolderOptions) {
    this.#options = options;
  }

  find(waypoint: string, heading: number, grid: CellGrid): Place | null {
    const found = this.#files()
      .filter((file) => file.startsWith(`${waypoint}@`))
      .flatMap((file) => this.#read(file) ?? [])
      .filter((place) => place.waypoint === waypoint && isSameGrid(place.grid, grid))
      .filter((place) => apart(place.heading, heading) <= SAME_HEADING_RAD)
      .sort((a, b) => apart(a.heading, heading) - apart(b.heading, heading));
    return found[0] ?? null;
  }

  save(place: Place): void {
    const file = `${place.waypoint}@${Math.round((place.heading * 180) / Math.PI)}${ENDING}`;
    const { folder, onTrouble } = this.#options;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const part = join(folder, `.${file}.part`);
      const descriptor = openSync(part, 'w', 0o600);
      try {
        writeFileSync(descriptor, encodePlace(place));
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(part, join(folder, file));
      this.#makeRoom(file);
    } catch (cause) {
      onTrouble(new WatchpostError('WP2461', { detail: file, cause }));
    }
  }

  /** A file that is damaged is said once and removed: the place is learned anew. */
  #read(file: string): Place | null {
    const { folder, onTrouble } = this.#options;
    const path = join(folder, file);
    try {
      return decodePlace(readFileSync(path));
    } catch (cause) {
      const detail = cause instanceof WatchpostError ? `${file}: ${cause.detail ?? ''}` : file;
      onTrouble(new WatchpostError('WP2460', { detail, cause }));
      rmSync(path, { force: true });
      return null;
    }
  }

  #files(): string[] {
    try {
      return readdirSync(this.#options.folder).filter((file) => FILE.test(file));
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
      this.#options.onTrouble(new WatchpostError('WP2460', { detail: this.#options.folder, cause }));
      return [];
    }
  }

  #makeRoom(written: string): void {
    const { folder, maxPlaces = MAX_PLACES, maxBytes = MAX_BYTES } = this.#options;
    const known = this.#files()
      .map((file) => ({ file, ...factsOf(join(folder, file)) }))
      .sort((a, b) => b.changedMs - a.changedMs);
    let bytes = 0;
    known.forEach(({ file, size }, index) => {
      bytes += size;
      if (file !== written && (index >= maxPlaces || bytes > maxBytes))
        rmSync(join(folder, file), { force: true });
    });
  }
}

function factsOf(path: string): { size: number; changedMs: number } {
  const { size, mtimeMs } = statSync(path);
  return { size, changedMs: mtimeMs };
}

const isSameGrid = (a: CellGrid, b: CellGrid): boolean =>
  a.columns === b.columns && a.rows === b.rows && a.cellPx === b.cellPx;

const apart = (a: number, b: number): number => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));
