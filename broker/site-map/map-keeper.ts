import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cancel, Clock, WallMs } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { problemText } from '#contract/site-map/problem.ts';
import { type ReadSiteMap, readSiteMap, SITE_MAP_FILE } from '#contract/site-map/read-site-map.ts';
import { RoutePlanner, type Vehicle } from '#contract/site-map/route-planner.ts';
import type { SiteMap } from '#contract/site-map/site-map.ts';
import { planPicture } from './plan-picture.ts';

export interface MapKeeperParts {
  /** The folder with `site-map.yaml`; need not be there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why the newest files are not the map that is used. */
export interface MapTrouble {
  readonly code: 'WP3803';
  readonly detail: string;
  readonly atMs: WallMs;
}

/** How often the folder is looked at. */
export const LOOK_EVERY_MS = 5_000;
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
  readonly #pictures = new Map<string, Uint8Array>();

  constructor(parts: MapKeeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#seenStamp = stampOf(this.#parts.folder);
    if (this.#seenStamp !== '') this.#read(this.#seenStamp);
    this.#cancel ??= this.#parts.clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  /** Idempotent. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
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
    const plan = this.#map?.floors.get(floor)?.floorPlan;
    if (plan === undefined) return null;
    const picture = this.#pictures.get(floor) ?? planPicture(plan);
    this.#pictures.set(floor, picture);
    return picture;
  }

  #look(): void {
    const stamp = stampOf(this.#parts.folder);
    const rests = stamp === this.#seenStamp;
    this.#seenStamp = stamp;
    if (rests && stamp !== this.#readStamp) this.#read(stamp);
  }

  #read(stamp: string): void {
    this.#readStamp = stamp;
    const read = readSiteMap(this.#parts.folder);
    if (read.map === null) this.#refuse(read);
    else this.#use(read.map, read);
  }

  #use(map: SiteMap, { digest, problems }: ReadSiteMap): void {
    this.#map = map;
    this.#digest = digest;
    this.#trouble = null;
    this.#planners.clear();
    this.#pictures.clear();
    const { nodes, edges, floors } = map;
    const facts = { floors: floors.size, nodes: nodes.size, edges: edges.size, warnings: problems.length };
    this.#parts.log.info({ digest, ...facts }, 'site-map.read');
  }

  #refuse({ problems }: ReadSiteMap): void {
    const wrong = problems.filter(({ severity }) => severity === 'error');
    const detail = wrong.slice(0, 3).map(problemText).join('; ');
    this.#trouble = { code: 'WP3803', detail, atMs: this.#parts.clock.wallMs() };
    const kept = this.#digest;
    this.#parts.log.error({ code: 'WP3803', errors: wrong.length, detail, kept }, 'site-map.broken');
  }
}

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
