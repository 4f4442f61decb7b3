import type { Zone } from '#agent/ports/vision-zones.ts';
import { cellsWithin } from '#agent/vision/zones/raster.ts';
import { ZoneMap } from '#agent/vision/zones/zone-map.ts';

/** One zone, as shares of the picture. */
export interface ZoneFigures {
  readonly name: string;
  readonly kind: Zone['kind'];
  /** What holds in it; null where nothing is judged. */
  readonly dwellS: number | null;
  /** Within its outline. */
  readonly share: number;
  /** Where its word is the one that holds: what others take away is left out. */
  readonly ownShare: number;
}

export interface Overlap {
  readonly zones: readonly [string, string];
  readonly share: number;
}

export interface PictureFigures {
  readonly zones: readonly ZoneFigures[];
  readonly overlaps: readonly Overlap[];
  /** Share of the picture in which things are judged. */
  readonly watchedShare: number;
  /** What is allowed and yet hardly meant. */
  readonly remarks: readonly string[];
}

/** As a picture 640×360 is judged: on cells of 2×2. */
const WIDTH = 640;
const HEIGHT = 360;
const GRID = { columns: WIDTH / 2, rows: HEIGHT / 2 };
const CELLS = GRID.columns * GRID.rows;
/** Less than this of a zone left to it is worth a remark. */
const HARDLY_ANY = 0.05;

/** What the zones come to, for a technician to judge by. `dwellS` is the camera's own. */
export function figuresOf(zones: readonly Zone[], dwellS: number): PictureFigures {
  const cells = zones.map(({ polygon }) => new Set(cellsWithin(polygon, GRID)));
  const map = new ZoneMap(zones, WIDTH, HEIGHT, dwellS);
  const own = new Map<string | null, number>();
  let watched = 0;
  for (let cell = 0; cell < CELLS; cell++) {
    const at = { x: (cell % GRID.columns) * 2, y: Math.floor(cell / GRID.columns) * 2 };
    const { isWatched, name } = map.at(at);
    if (isWatched) watched++;
    own.set(name, (own.get(name) ?? 0) + 1);
  }
  const figures = zones.map((zone, index) => ({
    name: zone.name,
    kind: zone.kind,
    dwellS: zone.kind === 'ignore' ? null : (zone.dwellS ?? dwellS),
    share: (cells[index]?.size ?? 0) / CELLS,
    ownShare: (own.get(zone.name) ?? 0) / CELLS,
  }));
  return {
    zones: figures,
    overlaps: overlapsOf(zones, cells),
    watchedShare: watched / CELLS,
    remarks: remarksOn(figures, zones, watched / CELLS),
  };
}

function overlapsOf(zones: readonly Zone[], cells: readonly ReadonlySet<number>[]): Overlap[] {
  return zones.flatMap((first, a) =>
    zones.slice(a + 1).flatMap((second, index): Overlap[] => {
      const others = cells[a + 1 + index];
      const common = [...(cells[a] ?? [])].filter((cell) => others?.has(cell)).length;
      return common === 0 ? [] : [{ zones: [first.name, second.name], share: common / CELLS }];
    }),
  );
}

function remarksOn(figures: readonly ZoneFigures[], zones: readonly Zone[], watched: number): string[] {
  const useless = figures
    .filter(({ ownShare, share }) => ownShare < HARDLY_ANY * share)
    .map(({ name, kind }) =>
      kind === 'dwell' && zones.some((zone) => zone.kind === 'watch')
        ? `${name} changes next to nothing: a dwell zone makes nothing watched, so draw it over a watch zone`
        : `${name} changes next to nothing: other zones over it hold`,
    );
  const nothing = watched < 0.01 ? [`only ${percent(watched)} of the picture is watched`] : [];
  return [...useless, ...nothing];
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
