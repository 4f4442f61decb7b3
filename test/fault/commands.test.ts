import mqtt, { type MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import { systemClock } from '#contract/clock.ts';
import type { Command, CommandReply } from '#contract/messages.ts';
import { downTopic, upTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { type TestSite, until } from '#test/support/site.ts';
import { layOut, startAgain, startDevice, startSite } from './support/bench.ts';

const DEVICE = 'pillar-001';
const ADDRESS = { site: SITE_ID, device: DEVICE };

/** Somebody who can say anything to a device: a broker in between that sends twice, or somebody who recorded it. */
class Replayer {
  readonly replies: CommandReply[] = [];
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  static async at(t: Test, site: TestSite): Promise<Replayer> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${site.mqttPort}`, { clientId: 'replayer' });
    t.teardown(() => client.endAsync(true));
    const replayer = new Replayer(client);
    client.on('message', (_topic, payload) => replayer.replies.push(JSON.parse(payload.toString())));
    await client.subscribeAsync(upTopic(ADDRESS, 'reply'), { qos: 1 });
    return replayer;
  }

  send(command: Command): Promise<unknown> {
    return this.#client.publishAsync(downTopic(ADDRESS, 'command'), JSON.stringify(command), { qos: 1 });
  }

  untilReplies(count: number): Promise<CommandReply[]> {
    return until(`${count} replies`, async () => (this.replies.length >= count ? this.replies : null));
  }
}

function selfTest(fromNowMs: number): Command {
  const nowMs = systemClock.wallMs();
  return {
    id: uuidv7(systemClock),
    name: 'selftest',
    args: {},
    issuedAt: new Date(nowMs + Math.min(0, fromNowMs) - 1000).toISOString(),
    expiresAt: new Date(nowMs + fromNowMs).toISOString(),
  };
}

const selfTests = async (site: TestSite) => (await site.events('wp.selftest.finished.v1', DEVICE)).length;

const untilUp = (site: TestSite) =>
  until('the link is up', async () => (await site.state(DEVICE)).link === 'up');

t.test('a repeated command is answered as before and not carried out again, after a kill too', async (t) => {
  const site = await startSite(t, ['--open']);
  layOut(site, DEVICE);
  const agent = await startDevice(site, DEVICE);
  await untilUp(site);
  const replayer = await Replayer.at(t, site);
  const command = selfTest(60_000);
  await replayer.send(command);
  const [first] = await replayer.untilReplies(1);
  await replayer.send(command);
  await replayer.untilReplies(2);
  await agent.kill();
  await startAgain(agent);
  await untilUp(site);
  await replayer.send(command);
  const replies = await replayer.untilReplies(3);
  t.same(replies, [first, first, first], 'the same reply each time');
  // A command that is carried out comes to the ledger behind any that was carried out before.
  await replayer.send(selfTest(60_000));
  await replayer.untilReplies(4);
  await until('the last self-test is on the ledger', async () => (await selfTests(site)) >= 2);
  t.equal(await selfTests(site), 2, 'three times sent, once carried out');
});

t.test('an expired command is refused, and goes on being refused', async (t) => {
  const site = await startSite(t, ['--open']);
  layOut(site, DEVICE);
  await startDevice(site, DEVICE);
  await untilUp(site);
  const replayer = await Replayer.at(t, site);
  const command = selfTest(-1_000);
  await replayer.send(command);
  await replayer.send(command);
  const replies = await replayer.untilReplies(2);
  t.same(
    replies.map(({ ok, code }) => [ok, code]),
    [
      [false, 'WP2101'],
      [false, 'WP2101'],
    ],
  );
  await replayer.send(selfTest(60_000));
  await replayer.untilReplies(3);
  await until('the valid self-test is on the ledger', async () => (await selfTests(site)) >= 1);
  t.equal(await selfTests(site), 1, 'only the one in time was carried out');
});

t.test('over HTTP a device that is away gets no command, then or later', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  const agent = await startDevice(site, DEVICE);
  await untilUp(site);
  const path = `devices/${SITE_ID}.${DEVICE}/commands`;
  const done = await site.request('POST', path, { name: 'selftest', args: {} });
  t.equal(done.status, 200);
  await until('its self-test is on the ledger', async () => (await selfTests(site)) === 1);
  await agent.kill();
  const away = await until('the site knows that it is away', async () => {
    const answer = await site.request('POST', path, { name: 'selftest', args: {}, expiresInS: 5 });
    return Object(answer.body).code === 'WP3405' ? answer : null;
  });
  t.match(away.body, { code: 'WP3405' });
  await startAgain(agent);
  await untilUp(site);
  await site.request('POST', path, { name: 'speak', args: { key: 'alarm.sent' } });
  t.equal(await selfTests(site), 1, 'nothing was kept for its return');
});
