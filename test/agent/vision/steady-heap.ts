import { Detector } from '#agent/vision/detector.ts';
import { HEIGHT, type Patch, personAt, pictureOf, WIDTH } from './picture-maker.ts';

/**
 * A program for `steady-heap.test.ts`: judges 10,000 pictures and prints what the heap holds after a collection at
 * the 2,000th and at the last, and the bytes allocated a picture between collections, of an empty scene and of one
 * in which somebody walks to and fro. Run with --expose-gc and a young generation that holds a thousand pictures.
 */
const ROUND = 200;
const FRAMES = 10_000;
const FIRST = 2000;
const SAMPLE = 500;

const collect: () => void = globalThis.gc ?? (() => process.exit(2));
const held = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

/** Pictures made beforehand, with a little noise, played round and round. */
function picturesOf(patchesAt: (index: number) => readonly Patch[]): Uint8Array[] {
  return Array.from({ length: ROUND }, (_, index) => {
    const { data } = pictureOf(patchesAt(index), 0);
    return data.map((level, i) => level + ((i * 31 + index * 17) % 5) - 2);
  });
}

function measured(pictures: readonly Uint8Array[]): object {
  const detector = new Detector({ width: WIDTH, height: HEIGHT, dwellS: 10, newObjectId: () => 'object' });
  const frame = { width: WIDTH, height: HEIGHT, t: 0, data: pictures[0] ?? new Uint8Array(0) };
  const push = (index: number) => {
    frame.t = index / 10;
    frame.data = pictures[index % ROUND] ?? frame.data;
    detector.push(frame);
  };
  for (let index = 0; index < FIRST; index++) push(index);
  const heldAtFirst = held();
  for (let index = FIRST; index < FIRST + SAMPLE; index++) push(index);
  const bytesPerFrame = Math.round((process.memoryUsage().heapUsed - heldAtFirst) / SAMPLE);
  for (let index = FIRST + SAMPLE; index < FRAMES; index++) push(index);
  return { heldAtFirst, heldAtLast: held(), bytesPerFrame, bufferBytes: detector.bufferBytes };
}

const quiet = measured(picturesOf(() => []));
const busy = measured(picturesOf((index) => [personAt(10 + (index < 100 ? index : 200 - index))]));
process.stdout.write(`${JSON.stringify({ quiet, busy })}\n`);
