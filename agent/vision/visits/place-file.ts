import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import { DIFFERENCE_KINDS } from './differences.ts';
import type { CellGrid } from './edge-map.ts';
import { Layer } from './layer.ts';
import { Place } from './place.ts';

/** First bytes of a file: a place, version 1. */
const MAGIC = Buffer.from('WPPLACE1');
const DIGEST_BYTES = 32;
/** Above any place with all its layers. */
const MOST_BYTES = 4 * 1024 * 1024;
/** What a layer holds cell by cell, in the order of the file. */
const PLANES = ['strength', 'direction', 'support', 'missed', 'known', 'floor'] as const;

const MOST_CANDIDATES = 64;

const Cells = z.array(z.int().min(0)).max(100_000);
const Head = z.strictObject({
  waypoint: z.string(),
  heading: z.number(),
  grid: z.strictObject({
    columns: z.int().min(1).max(1000),
    rows: z.int().min(1).max(1000),
    cellPx: z.int().min(1).max(16),
  }),
  visitedMs: z.number(),
  displaced: z.int(),
  layers: z.array(z.strictObject({ light: z.number(), visits: z.int() })).max(8),
  candidates: z
    .array(
      z.strictObject({
        cells: Cells,
        kind: z.enum(DIFFERENCE_KINDS),
        objectId: z.string().max(64).nullable(),
        isUnsent: z.literal(true).optional(),
        firstMs: z.number(),
        lastMs: z.number(),
        visits: z.int(),
      }),
    )
    .max(MOST_CANDIDATES),
});

/** A place as it is kept: magic, digest, then, packed, its head as a line of JSON and the planes of its layers. */
export function encodePlace({
  waypoint,
  heading,
  grid,
  layers,
  candidates,
  departing,
  visitedMs,
  displaced,
}: Place): Buffer {
  const head: z.infer<typeof Head> = {
    waypoint,
    heading,
    grid,
    visitedMs,
    displaced,
    layers: layers.map(({ light, visits }) => ({ light, visits })),
    // In the middle of a stay there may be more; what was reported must not be reported again.
    candidates: [...candidates, ...departing]
      .sort((a, b) => Number(b.objectId !== null) - Number(a.objectId !== null))
      .slice(0, MOST_CANDIDATES)
      .map(({ isUnsent, ...candidate }) => ({
        ...candidate,
        cells: [...candidate.cells],
        ...(isUnsent === true ? { isUnsent } : {}),
      })),
  };
  const planes = layers.flatMap((layer) => PLANES.map((plane) => layer[plane]));
  const body = deflateRawSync(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...planes]));
  return Buffer.concat([MAGIC, digestOf(body), body]);
}

/** Throws WP2460 for a file that is not whole, or not one of these. */
export function decodePlace(file: Buffer): Place {
  const start = MAGIC.length + DIGEST_BYTES;
  if (file.length < start || !file.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged('not such a file');
  const body = file.subarray(start);
  if (!digestOf(body).equals(file.subarray(MAGIC.length, start))) throw damaged('its digest does not fit');
  try {
    return placeOf(inflateRawSync(body, { maxOutputLength: MOST_BYTES }));
  } catch (cause) {
    throw cause instanceof WatchpostError ? cause : damaged('it cannot be read', cause);
  }
}

function placeOf(bytes: Buffer): Place {
  const end = bytes.indexOf(0x0a);
  const head = Head.parse(JSON.parse(bytes.subarray(0, end).toString('utf8')));
  let at = end + 1;
  const layers = head.layers.map(({ light, visits }) => {
    const layer = new Layer(head.grid, light);
    layer.visits = visits;
    for (const plane of PLANES) {
      const target = layer[plane];
      target.set(bytes.subarray(at, at + target.length));
      at += target.length;
    }
    return layer;
  });
  if (at !== bytes.length) throw damaged('its length does not fit');
  const candidates = head.candidates.map((candidate) => ({
    ...candidate,
    cells: candidate.cells.filter((cell) => isCell(cell, head.grid)),
  }));
  return new Place(head.waypoint, head.heading, head.grid, { ...head, layers, candidates });
}

const isCell = (cell: number, { columns, rows }: CellGrid): boolean => cell < columns * rows;

const digestOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

function damaged(detail: string, cause?: unknown): WatchpostError {
  return new WatchpostError('WP2460', { detail, ...(cause === undefined ? {} : { cause }) });
}
