import * as z from 'zod';
import type { Fix, FixReader } from './fix.ts';

/** What gpsd is asked for: a line of JSON for each thing it learns. */
export const WATCH = '?WATCH={"enable":true,"json":true};\n';

const Tpv = z.object({
  class: z.literal('TPV'),
  device: z.string().optional(),
  /** 0, 1: none; 2: two dimensions; 3: three. */
  mode: z.number(),
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
});
const Sky = z.object({
  class: z.literal('SKY'),
  hdop: z.number().min(0).optional(),
  uSat: z.number().optional(),
  satellites: z.array(z.object({ used: z.boolean().optional() })).optional(),
});

/** Fixes out of the JSON of gpsd (gpsd_json(5)): TPV has the position, the SKY before it dilution and satellites. */
export class GpsdReader implements FixReader {
  #hdop: number | null = null;
  #satellites: number | null = null;

  take(line: string): Fix | null {
    const value = parsed(line);
    const sky = Sky.safeParse(value);
    if (sky.success) this.#sky(sky.data);
    const tpv = Tpv.safeParse(value);
    if (!tpv.success || tpv.data.mode < 2) return null;
    const { lat, lon } = tpv.data;
    return { latitude: lat, longitude: lon, hdop: this.#hdop, satellites: this.#satellites };
  }

  /** Some SKY have only one of both. */
  #sky({ hdop, uSat, satellites }: z.infer<typeof Sky>): void {
    this.#hdop = hdop ?? this.#hdop;
    this.#satellites = uSat ?? satellites?.filter(({ used }) => used === true).length ?? this.#satellites;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null; // No JSON is no fix; gpsd goes on with the next line.
  }
}
