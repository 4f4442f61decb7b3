import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, WatchpostError } from '../errors.ts';
import { assemble } from './assemble.ts';
import { checkGraph } from './checks.ts';
import { checkDevices } from './devices.ts';
import { FloorPlan, PlanFile, planData } from './floor-plan.ts';
import { Lif } from './lif.ts';
import { type LineOf, parseJson, parseYaml } from './parse.ts';
import { readPlanImage } from './plan-image.ts';
import { type MapProblem, ProblemList } from './problem.ts';
import type { MapFloor, SiteMap } from './site-map.ts';
import { type Floor, SiteMapFile } from './site-map-file.ts';
import { checkZones } from './zones.ts';

/** The file that says what belongs to a map. */
export const SITE_MAP_FILE = 'site-map.yaml';
/** More than a plan of 400 m a side or a graph of 50,000 nodes needs. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export interface ReadSiteMap {
  /** Null where a problem is an error. */
  readonly map: SiteMap | null;
  /** The graph as it was read; null where it does not fit. */
  readonly lif: Lif | null;
  readonly problems: readonly MapProblem[];
  /** SHA-256 over the files that were read, in hexadecimal. */
  readonly digest: string;
}

/** Reads a folder with `site-map.yaml`. Everything that is wrong is in `problems`; nothing is thrown for what it holds. */
export function readSiteMap(folder: string): ReadSiteMap {
  const reader = new Reader(folder);
  const map = reader.read();
  const { problems } = reader;
  const { lif, digest } = reader;
  return { map: problems.hasErrors ? null : map, lif, problems: problems.all, digest };
}

class Reader {
  readonly problems = new ProblemList();
  readonly #folder: string;
  readonly #hash = createHash('sha256');
  lif: Lif | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get digest(): string {
    return this.#hash.copy().digest('hex');
  }

  read(): SiteMap | null {
    const source = this.#text(SITE_MAP_FILE, 'WP4803', 'docs/site-map.md has an example');
    if (source === null) return null;
    const read = parseYaml(SiteMapFile, source);
    if (read === null) return null;
    const { value: file, lineOf } = read;
    this.#refuseDoubles(file, lineOf);
    const floors = new Map<string, MapFloor>();
    for (const floor of file.floors) {
      const floorPlan = this.#plan(floor);
      if (floorPlan !== null) floors.set(floor.id, { ...floor, floorPlan });
    }
    const lif = this.#lif(file.graph);
    this.lif = lif;
    if (lif === null || floors.size < file.floors.length) return null;
    checkZones(file, { file: SITE_MAP_FILE, floors, lineOf, problems: this.problems });
    const setting = { file: file.graph, floors, problems: this.problems };
    const { name, zones, speedMps, turnRadps, changeFloorS } = file;
    const devices = new Map(file.devices.map((device) => [device.device, device]));
    const settings = { speedMps, turnRadps, changeFloorS };
    const map = { name, zones, devices, settings, floors, ...assemble(lif, setting) };
    checkDevices(file, map, { file: SITE_MAP_FILE, lineOf, problems: this.problems });
    checkGraph(map, setting);
    return map;
  }

  #refuseDoubles({ floors }: SiteMapFile, lineOf: LineOf): void {
    for (const key of ['id', 'level'] as const) {
      const values = floors.map((floor) => floor[key]);
      for (const [index, value] of values.entries()) {
        if (values.indexOf(value) === index) continue;
        const [line, path] = [lineOf(['floors', index, key]), `floors[${index}].${key}`];
        const message = `is ${value}, as that of another floor is`;
        this.problems.error('WP4803', {
          file: SITE_MAP_FILE,
          line,
          path,
          message,
          hint: 'give each floor its own',
        });
      }
    }
  }

  #plan(floor: Floor): FloorPlan | null {
    const source = this.#text(floor.plan, 'WP4804', 'see docs/site-map.md, The floor plan');
    const file = source === null ? null : (parseYaml(PlanFile, source)?.value ?? null);
    const bytes = file === null ? null : this.#bytes(file.image);
    if (file === null || bytes === null) return null;
    try {
      return new FloorPlan(planData(file, readPlanImage(bytes)));
    } catch (error) {
      if (!(error instanceof WatchpostError)) throw error;
      const message = error.detail ?? 'cannot be read';
      this.problems.error(error.code, { file: file.image, message, hint: error.hint });
      return null;
    }
  }

  #lif(name: string): Lif | null {
    const source = this.#text(name, 'WP4806', 'VDMA publishes LIF 1.0.0; see docs/site-map.md');
    return source === null ? null : parseJson(Lif, source);
  }

  #text(file: string, misfit: ErrorCode, hint: string) {
    const bytes = this.#bytes(file);
    if (bytes === null) return null;
    return { file, text: new TextDecoder().decode(bytes), misfit, hint, problems: this.problems };
  }

  #bytes(file: string): Uint8Array | null {
    try {
      const path = join(this.#folder, file);
      const { size } = statSync(path);
      if (size > MAX_FILE_BYTES) throw new RangeError(`${size} bytes; at most ${MAX_FILE_BYTES} are read`);
      const bytes = readFileSync(path);
      this.#hash.update(`${file}\n${bytes.length}\n`).update(bytes);
      return bytes;
    } catch (error) {
      const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      this.problems.error('WP4801', { file, message, hint: 'a map is one folder with all its files in it' });
      return null;
    }
  }
}
