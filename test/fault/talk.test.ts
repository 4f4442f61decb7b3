import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { CommandReply } from '#contract/messages.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { PulseServer, withoutPulse } from '#test/agent/drivers/audio/pulse-server.ts';
import { SAMPLE_RATE, toneShare, toneWav } from '#test/agent/drivers/audio/sounds.ts';
import { TestSite, until } from '#test/support/site.ts';

const DEVICE = 'pillar-001';
const RATE = 16_000;
const TONE_HZ = 3000;
/** Of `toneWav`. */
const LOUDEST = 16_000;
const WINDOW_BYTES = SAMPLE_RATE / 2;
const HEADER_BYTES = 44;

/** A real site and a real pillar that plays on a sound server of the test's own, or on none. */
async function setUp(t: Test, env: Record<string, string>) {
  const site = await TestSite.make(t);
  await site.startBroker();
  await site.startAgent(DEVICE, { env });
  await until('the device is connected', async () => (await site.state()).link === 'up');
  return site;
}

async function talk(site: TestSite, sound: Buffer): Promise<{ id: string; reply: CommandReply | null }> {
  const path = `http://127.0.0.1:${site.httpPort}/api/v1/devices/${SITE_ID}.${DEVICE}/talk`;
  const response = await fetch(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${site.token}`, 'content-type': 'audio/wav' },
    body: new Uint8Array(sound),
  });
  const body = Object(await response.json());
  if (response.status >= 300) throw new TypeError(`${response.status} ${JSON.stringify(body)}`);
  return body;
}

/** What the device says became of it. */
function replyTo(site: TestSite, id: string): Promise<CommandReply> {
  const path = `devices/${SITE_ID}.${DEVICE}/commands/${id}`;
  return until('the device has answered', async () => Object((await site.request('GET', path)).body).reply);
}

/** Where in what was heard a quarter of a second is nothing but the tone; -1 where nowhere. */
function toneAt(heard: Buffer): number {
  for (let at = 0; at + WINDOW_BYTES <= heard.length; at += WINDOW_BYTES)
    if (toneShare(heard.subarray(at, at + WINDOW_BYTES), TONE_HZ) > 0.95) return at;
  return -1;
}

function peak(sound: Buffer): number {
  let most = 0;
  for (let at = 0; at + 1 < sound.length; at += 2) most = Math.max(most, Math.abs(sound.readInt16LE(at)));
  return most;
}

/** Files below the folder in which these bytes stand. */
function filesWith(folder: string, bytes: Buffer): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(bytes));
}

t.test(
  'a dispatcher is heard through the device, over an alarm prompt that goes on; what was said is kept nowhere',
  { skip: withoutPulse },
  async (t) => {
    const server = await PulseServer.start();
    t.teardown(() => server.close());
    const { XDG_RUNTIME_DIR = '', PULSE_SERVER = '' } = server.env;
    const site = await setUp(t, { XDG_RUNTIME_DIR, PULSE_SERVER });
    const recording = await server.listen();
    t.teardown(() => recording.close());
    await site.press();
    await until(
      'an alarm prompt is said',
      async () => (await site.state()).voice?.key.startsWith('alarm.') === true,
    );

    const spoken = toneWav(TONE_HZ, 3000, RATE);
    const talking = talk(site, spoken);
    await until('it is spoken', async () => (await site.state()).voice?.key === 'talk-back');
    const heard = await recording.until((sound) => toneAt(sound) >= 0);
    const tone = heard.subarray(toneAt(heard), toneAt(heard) + WINDOW_BYTES);
    const gain = 20 * Math.log10(peak(tone) / LOUDEST);
    t.ok(Math.abs(gain) < 1, `as loud as it was sent, at the hour's volume of 0 dB: ${gain.toFixed(2)} dB`);
    const { id } = await talking;
    t.match(await replyTo(site, id), { ok: true, result: { durationMs: 3000 } });
    await until(
      'the alarm prompt goes on',
      async () => (await site.state()).voice?.key.startsWith('alarm.') === true,
    );
    const sample = spoken.subarray(HEADER_BYTES + 4000, HEADER_BYTES + 4064);
    t.strictSame(filesWith(site.dir, sample), [], 'no file of the device or the site has any of it');

    await server.stop();
    const unheard = await talk(site, toneWav(TONE_HZ, 20_000, RATE));
    t.match(
      await replyTo(site, unheard.id),
      { ok: false, code: /^WP250[45]$/ },
      'that nobody heard it is told',
    );
    t.strictSame(filesWith(site.dir, sample), [], 'nor did it become a file instead');
  },
);
