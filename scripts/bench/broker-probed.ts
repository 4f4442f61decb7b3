import { connect } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { ROOT } from '../site/demo-site.ts';
import { ownFolder } from './broker-process.ts';
import { rounded } from './figures.ts';

const Probed = z.object({ p50: z.number(), p99: z.number(), max: z.number(), heldMiB: z.number() });

/** Milliseconds by which an event loop was late. */
export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What Node is told so that a broker can be asked by the functions below. */
export const PROBE_ARGS = ['--expose-gc', '--import', join(ROOT, 'scripts/bench/broker-probe.ts')];

/** How late the loop of the broker in `dir` was since it was asked last. */
export async function loopDelays(dir: string): Promise<Delays> {
  const { p50, p99, max } = await probed(dir);
  return { p50: rounded(p50, 3), p99: rounded(p99, 3), max: rounded(max, 3) };
}

/** What it holds in memory after a collection: heap and buffers, in mebibytes. */
export async function heldMiB(dir: string): Promise<number> {
  return (await probed(dir)).heldMiB;
}

const probed = async (dir: string) => Probed.parse(await json(connect(join(ownFolder(dir), 'probe.sock'))));
