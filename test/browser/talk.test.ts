import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import t from 'tap';
import { systemClock, wait } from '#contract/clock.ts';
import { Command, type CommandReply, type DeviceState } from '#contract/messages.ts';
import { TALK_SAMPLE_RATE } from '#contract/talk.ts';
import { downFilter, downTopic, parseTopic, upTopic } from '#contract/topics.ts';
import { buildConsole } from '#scripts/commands/build-console.ts';
import { brokerChild } from '#scripts/site/demo-site.ts';
import { freePort } from '#test/support/free-port.ts';
import { FAKE_MICROPHONE, launchBrowser, noBrowser, openPage } from './browser.ts';

const PILLAR = { site: 'demo', device: 'pillar-001' };
/** The browser's fake microphone beeps once a second. */
const SPEAK_MS = 1500;

type Outcome = Pick<CommandReply, 'ok' | 'code' | 'message'>;

/** A device by its wire alone, which keeps what it is sent and answers with `outcome`. */
async function listener(port: number, outcome: Outcome) {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'demo.pillar-001', clean: true });
  const pieces: Buffer[] = [];
  const { promise: ordered, resolve } = Promise.withResolvers<Command>();
  client.on('message', (topic, payload) => {
    const parsed = parseTopic(topic);
    if (parsed?.channel === 'blob') pieces[parsed.piece] = payload;
    if (topic !== downTopic(PILLAR, 'command')) return;
    const command = Command.parse(JSON.parse(payload.toString()));
    const { id, name } = command;
    const reply = { id, name, at: new Date(systemClock.wallMs()).toISOString(), ...outcome };
    client.publish(upTopic(PILLAR, 'reply'), JSON.stringify(reply), { qos: 1 });
    resolve(command);
  });
  await client.subscribeAsync(downFilter(PILLAR), { qos: 1 });
  const outputs = { panic: 'idle', lamp: 'idle', siren: false, voice: null };
  const state: DeviceState = { online: true, boot: 1, conn: 1, outputs };
  await client.publishAsync(upTopic(PILLAR, 'state'), JSON.stringify(state), { qos: 1, retain: true });
  return { ordered, sound: () => Buffer.concat(pieces), close: () => client.endAsync(true) };
}

function peak(sound: Buffer): number {
  let most = 0;
  for (let at = 0; at + 1 < sound.length; at += 2) most = Math.max(most, Math.abs(sound.readInt16LE(at)));
  return most;
}

t.test('a dispatcher speaks through a device from the console', { skip: noBrowser }, async (t) => {
  await buildConsole();
  const browser = await launchBrowser(...FAKE_MICROPHONE);
  t.teardown(() => browser.close());
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-talk-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const [mqttPort, httpPort] = [await freePort(), await freePort()];
  const broker = brokerChild({ dataDir, mqttPort, httpPort });
  await broker.start(() => undefined);
  t.teardown(() => broker.kill());
  const token = readFileSync(join(dataDir, 'broker', 'admin.token'), 'utf8').trim();
  const device = await listener(mqttPort, { ok: true });
  const { page, complaints } = await openPage(browser, `http://127.0.0.1:${httpPort}/#token=${token}`, {
    locale: 'en',
  });
  const talk = page.locator('.talk');

  await talk.getByRole('button', { name: 'Speak' }).click();
  await talk.getByText('Speak now, 20 seconds at most.').waitFor();
  await wait(systemClock, SPEAK_MS);
  await talk.getByRole('button', { name: 'Send' }).click();
  await talk.getByText('It was played.').waitFor();
  const { name, args, by } = await device.ordered;
  const sound = device.sound();
  t.match([name, by], ['talk', 'admin']);
  t.equal(args.sha256, createHash('sha256').update(sound).digest('hex'));
  const seconds = sound.length / 2 / TALK_SAMPLE_RATE;
  t.ok(seconds > SPEAK_MS / 2000 && seconds < 20, `${seconds} s`);
  t.ok(peak(sound) > 1000, 'the beep is in it');

  await talk.getByRole('button', { name: 'Speak' }).click();
  await talk.getByRole('button', { name: 'Discard' }).click();
  await talk.getByRole('button', { name: 'Speak' }).waitFor();
  t.equal(device.sound().length, sound.length, 'what was discarded went nowhere');

  await device.close();
  const deaf = await listener(mqttPort, { ok: false, code: 'WP2504', message: 'WP2504 no sound device' });
  await talk.getByRole('button', { name: 'Speak' }).click();
  await talk.getByText('Speak now').waitFor();
  await wait(systemClock, SPEAK_MS / 2);
  await talk.getByRole('button', { name: 'Send' }).click();
  await talk.getByText('Not heard: WP2504 no sound device').waitFor();
  await deaf.close();
  t.same(complaints, []);
});
