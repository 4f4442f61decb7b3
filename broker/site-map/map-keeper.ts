import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cancel, Clock, WallMs } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { type MapProblem, problemText } from '#contract/site-map/problem.ts';
import { SITE_MAP_FILE } from '#contract/site-map/read-site-map.ts';
import { RoutePlanner, type Vehicle } from '#contract/site-map/route-planner.ts';
import type { SiteMap } from '#contract/site-map/site-map.ts';
import { type MapReading, siteMapOf } from './map-reading.ts';

export interface MapKeeperParts {
  /** The folder with `site-map.yaml`; need not be there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How a folder is read: in a thread of its own, but for tests. */
  readonly read: (folder: string, signal: AbortSignal) => Promise<MapReading>;
}

/** Why the newest files are not the map that is used. */
export interface MapTrouble {
  readonly code: 'WP3803';
  readonly detail: string;
  readonly atMs: WallMs;
}

/** How often the folder is looked at. */
export const LOOK_EVERY_MS = 5_000;
/** The largest map takes a few seconds. */
const READ_WITHIN_MS = 60_000;
/** Planners of other types and speeds than these are made anew. */
const KEPT_PLANNERS = 16;

/**
 * The map of a site, read from its folder and taken again when its files have changed and then rested for one look: a
 * map that is being copied is not taken half. A broken one changes nothing, and is said in the log and by `trouble`.
 */
export class MapKeeper {
  readonly #parts: MapKeeperParts;
  #map: SiteMap | null = null;
  #digest: string | null = null;
  #trouble: MapTrouble | null = null;
  /** Of the files as they were read, and as they were seen last. */
  #readStamp = '';
  #seenStamp = '';
  #cancel: Cancel | null = null;
  readonly #planners = new Map<string, RoutePlanner>();
  #pictures: ReadonlyMap<string, Uint8Array> = new Map();
  #graph: Uint8Array | null = null;
  #reading: Promise<void> | null = null;
  readonly #end = new AbortController();

  constructor(parts: MapKeeperParts) {
    this.#parts = parts;
  }

  /** Resolves when the map that is there has been read. */
  async start(): Promise<void> {
    this.#seenStamp = stampOf(this.#parts.folder);
    this.#cancel ??= this.#parts.clock.every(LOOK_EVERY_MS, () => this.#look());
    if (this.#seenStamp !== '') await this.#readOnce(this.#seenStamp);
  }

  /** Ends a reading under way. Idempotent. */
  async close(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#end.abort();
    await this.#reading;
  }

  /** Null where the site has none. */
  get map(): SiteMap | null {
    return this.#map;
  }

  /** SHA-256 over the files of the map, in hexadecimal; null where there is none. */
  get digest(): string | null {
    return this.#digest;
  }

  /** Null where the newest files are the map. */
  get trouble(): MapTrouble | null {
    return this.#trouble;
  }

  /** Null where the site has no map. Throws WP4822. */
  planner({ vehicleType, speedMps }: Vehicle): RoutePlanner | null {
    if (this.#map === null) return null;
    const key = JSON.stringify([vehicleType, speedMps]);
    const planner = this.#planners.get(key) ?? new RoutePlanner(this.#map, { vehicleType, speedMps });
    if (this.#planners.size >= KEPT_PLANNERS) this.#planners.clear();
    this.#planners.set(key, planner);
    return planner;
  }

  /** The plan of a floor as PNG; null where there is no such floor. */
  picture(floor: string): Uint8Array | null {
    return this.#pictures.get(floor) ?? null;
  }

  /** The LIF as JSON; null where the site has no map. */
  get graph(): Uint8Array | null {
    return this.#graph;
  }

  #look(): void {
    const stamp = stampOf(this.#parts.folder);
    const rests = stamp === this.#seenStamp;
    this.#seenStamp = stamp;
    if (rests && stamp !== this.#readStamp && this.#reading === null) void this.#readOnce(stamp);
  }

  async #readOnce(stamp: string): Promise<void> {
    this.#readStamp = stamp;
    this.#reading = this.#read();
    await this.#reading;
    this.#reading = null;
  }

  async #read(): Promise<void> {
    const { folder, read } = this.#parts;
    const { signal } = this.#end;
    try {
      const reading = await read(folder, AbortSignal.any([signal, AbortSignal.timeout(READ_WITHIN_MS)]));
      if (signal.aborted) return;
      if (reading.map === null) this.#refuse(reading.problems.filter(isError).map(problemText));
      else this.#use(siteMapOf(reading.map), reading);
    } catch (error) {
      if (!signal.aborted) this.#refuse([String(error)]);
    }
  }

  #use(map: SiteMap, { digest, problems, pictures, graph }: MapReading): void {
    this.#map = map;
    this.#digest = digest;
    this.#trouble = null;
    this.#planners.clear();
    this.#pictures = pictures;
    this.#graph = graph;
    const { nodes, edges, floors } = map;
    const facts = { floors: floors.size, nodes: nodes.size, edges: edges.size, warnings: problems.length };
    this.#parts.log.info({ digest, ...facts }, 'site-map.read');
  }

  #refuse(wrongs: readonly string[]): void {
    const detail = wrongs.slice(0, 3).join('; ');
    this.#trouble = { code: 'WP3803', detail, atMs: this.#parts.clock.wallMs() };
    const kept = this.#digest;
    this.#parts.log.error({ code: 'WP3803', errors: wrongs.length, detail, kept }, 'site-map.broken');
  }
}

const isError = ({ severity }: MapProblem): boolean => severity === 'error';

/** Changes whenever a file of the folder does; empty where no map is, or was, there. */
function stampOf(folder: string): string {
  try {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    const stats = files.map(({ name }) => {
      const { mtimeMs, size, ino } = statSync(join(folder, name));
      return `${name} ${mtimeMs} ${size} ${ino}`;
    });
    return files.some(({ name }) => name === SITE_MAP_FILE) ? stats.sort().join('\n') : '';
  } catch (error) {
    // No folder, or a file that went while it was looked at: the next look sees what is then.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? '' : String(error);
  }
}
