import { layoutOf, planesOver } from '#agent/vision/background/kernel/layout.ts';
import { Detector } from '#agent/vision/detector.ts';
import { rounded } from './figures.ts';

const [WIDTH, HEIGHT] = [640, 360];
/** Bytes. */
const TARGET = 4_000_000;

/** The buffers of one camera's detector at 640×360, counted. */
export async function benchMemory(): Promise<object> {
  const detector = new Detector({ width: WIDTH, height: HEIGHT, dwellS: 60, newObjectId: () => 'object' });
  const layout = layoutOf(WIDTH, HEIGHT);
  const planes = planesOver(new ArrayBuffer(layout.bytes), layout);
  const rows = Object.entries(planes)
    .filter(([, plane]) => ArrayBuffer.isView(plane))
    .map(([plane, { byteLength }]) => rowOf(plane, byteLength));
  const { bufferBytes } = detector;
  rows.push(rowOf('outside the kernel', bufferBytes - layout.bytes));
  return {
    rows,
    width: WIDTH,
    height: HEIGHT,
    bytes: bufferBytes,
    bytesPerPixel: rounded(bufferBytes / (WIDTH * HEIGHT), 2),
    target: TARGET,
  };
}

const rowOf = (plane: string, bytes: number) => ({
  plane,
  bytes,
  perPixel: rounded(bytes / (WIDTH * HEIGHT), 2),
});
