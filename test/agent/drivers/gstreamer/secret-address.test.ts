import { globSync, readFileSync } from 'node:fs';
import t from 'tap';
import { DiscreetFrameSource } from '#agent/drivers/gstreamer/discreet-source.ts';
import { FallbackFrameSource } from '#agent/drivers/gstreamer/fallback-source.ts';
import { isSecret, redacted } from '#agent/drivers/gstreamer/launch.ts';
import { hasGstLaunch, LaunchFrameSource } from '#agent/drivers/gstreamer/launch-source.ts';
import type { Frame, FrameRequest, FrameSource } from '#agent/ports/frames.ts';
import { systemClock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';

const PASSWORD = 'horse-battery-staple';
const SECRET = [
  `rtsp://viewer:${PASSWORD}@127.0.0.1:9/stream`,
  `rtsps://viewer:${PASSWORD}@@127.0.0.1:9/stream`,
  `rtsp://127.0.0.1:9/user=viewer&password=${PASSWORD}&channel=1`,
  `rtsp://127.0.0.1:9/stream?token=${PASSWORD}`,
];
const OPEN = [
  'rtsp://127.0.0.1:9/stream',
  'rtsp://viewer@127.0.0.1/?channel=1',
  'test://',
  '/clips/key=1.mkv',
];
const requestOf = (source: string): FrameRequest => ({
  source,
  width: 320,
  framesPerSecond: 10,
  pace: 'real-time',
});

async function playOnce(source: FrameSource, address: string): Promise<unknown> {
  try {
    for await (const _ of source.frames(requestOf(address), new AbortController().signal)) return null;
    return null;
  } catch (error) {
    return error;
  }
}

/** Every argument that any user of this machine may read. */
function shownArguments(): string {
  const files = globSync('/proc/[0-9]*/cmdline');
  return files.map((file) => textOf(file)).join('\n');
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return ''; // It has ended meanwhile.
    throw error;
  }
}

t.test('a password in an address is found, and taken out of what is said', async (t) => {
  for (const source of SECRET) {
    t.ok(isSecret(source), source);
    t.notOk(redacted(`could not open ${source}.`).includes('staple'), redacted(source));
  }
  for (const source of OPEN) t.notOk(isSecret(source), source);
});

const skip = hasGstLaunch() ? false : 'gst-launch-1.0 is not to be had on this machine';

t.test('gst-launch-1.0 is not given a password, for every user could read it', { skip }, async (t) => {
  for (const source of SECRET) {
    const playing = playOnce(new LaunchFrameSource(systemClock), source);
    t.notOk(shownArguments().includes(PASSWORD), 'while it is tried');
    const error = await playing;
    t.match(error, { code: 'WP2474' });
    t.notOk(String(error).includes('staple'));
  }
});

class Told implements FrameSource {
  readonly backend: FrameSource['backend'];
  readonly asked: string[] = [];

  constructor(backend: FrameSource['backend']) {
    this.backend = backend;
  }

  // biome-ignore lint/correctness/useYield: it gives neither picture nor word.
  async *frames({ source }: FrameRequest): AsyncGenerator<Frame> {
    this.asked.push(source);
    throw new WatchpostError('WP2403');
  }
}

t.test('a silent reader is not replaced by one that would show the password', async (t) => {
  const addon = new Told('addon');
  const child = new Told('gst-launch');
  const source = new FallbackFrameSource(addon, () => child);
  const [secret = ''] = SECRET;
  const [open = ''] = OPEN;
  for (const address of [secret, secret, open, open])
    t.match(await playOnce(source, address), { code: 'WP2403' });
  t.same(addon.asked, [secret, secret, open]);
  t.same(child.asked, [open]);
});

t.test('a command that prefers gst-launch-1.0 opens an address with a password by the addon', async (t) => {
  const addon = new Told('addon');
  const child = new Told('gst-launch');
  const [secret = ''] = SECRET;
  const [open = ''] = OPEN;
  const source = new DiscreetFrameSource(child, () => addon);
  for (const address of [secret, open]) await playOnce(source, address);
  t.same([addon.asked, child.asked], [[secret], [open]]);
  await playOnce(new DiscreetFrameSource(child, () => null), secret);
  t.same(child.asked, [open, secret], 'without an addon it is refused there');
});
