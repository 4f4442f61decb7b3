import { Worker } from 'node:worker_threads';
import { FloorPlan, type PlanData } from '#contract/site-map/floor-plan.ts';
import type { MapProblem } from '#contract/site-map/problem.ts';
import { readSiteMap } from '#contract/site-map/read-site-map.ts';
import type { SiteMap } from '#contract/site-map/site-map.ts';
import type { Floor } from '#contract/site-map/site-map-file.ts';
import { planPicture } from './plan-picture.ts';

/** What reading a folder comes to, as it goes from thread to thread. */
export interface MapReading {
  /** Null where a problem is an error. */
  readonly map: PlainMap | null;
  readonly problems: readonly MapProblem[];
  /** SHA-256 over the files, in hexadecimal. */
  readonly digest: string;
  /** The LIF as JSON. */
  readonly graph: Uint8Array;
  /** PNG by floor. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

type PlainMap = Omit<SiteMap, 'floors'> & {
  readonly floors: ReadonlyMap<string, { readonly floor: Floor; readonly plan: PlanData }>;
};

/** Reads a folder; a plan of four million cells takes about a second, so never on the thread that takes alarms. */
export function readForBroker(folder: string): MapReading {
  const { map, lif, problems, digest } = readSiteMap(folder);
  const graph = new TextEncoder().encode(JSON.stringify(lif));
  if (map === null) return { map, problems, digest, graph, pictures: new Map() };
  const floors = [...map.floors].map(([id, { floorPlan, ...floor }]) => {
    const { width, height, resolutionM, origin, codes } = floorPlan;
    return [id, { floor, plan: { width, height, resolutionM, origin, codes } }] as const;
  });
  const pictures = new Map(floors.map(([id, { plan }]) => [id, planPicture(plan)]));
  return { map: { ...map, floors: new Map(floors) }, problems, digest, graph, pictures };
}

/** The map as it is worked with. */
export const siteMapOf = ({ floors, ...map }: PlainMap): SiteMap => ({
  ...map,
  floors: new Map(
    [...floors].map(([id, { floor, plan }]) => [id, { ...floor, floorPlan: new FloorPlan(plan) }]),
  ),
});

/** Memory of the thread, so that a file too large ends it and not the site. */
const LIMITS = { maxOldGenerationSizeMb: 512 };

/** In a thread of its own. Rejects where that fails, and when it is aborted. */
export function readInWorker(folder: string, signal: AbortSignal): Promise<MapReading> {
  const worker = new Worker(new URL('./map-worker.ts', import.meta.url), {
    workerData: folder,
    resourceLimits: LIMITS,
  });
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => void worker.terminate(), { once: true });
    worker.once('message', (reading: MapReading) => resolve(reading));
    worker.once('error', reject);
    worker.once('exit', () => reject(new DOMException('the reading of the map was ended', 'AbortError')));
  });
}
