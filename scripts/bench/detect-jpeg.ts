import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Frame } from '#agent/ports/frames.ts';
import { WatchpostError } from '#contract/errors.ts';

/** The pictures as they come back from JPEG of `quality` (1 to 100), by GStreamer. Throws WP5053. */
export async function* throughJpeg(frames: readonly Frame[], quality: number): AsyncIterable<Frame> {
  const [first] = frames;
  if (first === undefined) return;
  const { width, height } = first;
  const raw = `format=gray8 width=${width} height=${height} framerate=10/1`;
  const pipeline =
    `fdsrc fd=0 blocksize=${width * height} ! rawvideoparse ${raw} ! ` +
    `jpegenc quality=${quality} ! jpegdec ! videoconvert ! video/x-raw,format=GRAY8 ! fdsink fd=1`;
  const child = spawn('gst-launch-1.0', ['-q', ...pipeline.split(' ')], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000);
  });
  const ended = once(child, 'close').catch((error) => [String(error)]);
  // A child that ends early closes the pipe; its own words, below, say why.
  child.stdin.on('error', () => child.kill());
  const fed = feed(child.stdin, frames);
  let index = 0;
  for await (const data of picturesIn(child.stdout, width * height, width)) {
    const frame = frames[index++];
    if (frame !== undefined) yield { ...frame, data };
  }
  await fed;
  const [status] = await ended;
  if (status !== 0 || index !== frames.length) {
    throw new WatchpostError('WP5053', { detail: said.trim().split('\n')[0] ?? String(status) });
  }
}

async function feed(pipe: Writable, frames: readonly Frame[]): Promise<void> {
  for (const { data } of frames) {
    if (!pipe.writable) return;
    // A pipe that breaks will never drain; why it broke is in the child's own words.
    if (!pipe.write(data)) await once(pipe, 'drain').catch(() => undefined);
  }
  pipe.end();
}

/** Cuts what comes into pictures; GStreamer pads rows to four bytes. */
async function* picturesIn(pipe: Readable, bytes: number, width: number): AsyncIterable<Uint8Array> {
  if (width % 4 !== 0)
    throw new WatchpostError('WP5053', { detail: `a width of ${width}, not a multiple of 4` });
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of pipe) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= bytes) {
      yield Uint8Array.from(rest.subarray(0, bytes));
      rest = rest.subarray(bytes);
    }
  }
}
