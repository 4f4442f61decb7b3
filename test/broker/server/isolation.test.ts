import t, { type Test } from 'tap';
import { DISTURBERS } from '#scripts/bench/broker-disturbers.ts';
import { heldMiB, PROBE_ARGS } from '#scripts/bench/broker-probed.ts';
import { ownBroker } from '#scripts/bench/broker-process.ts';
import { RawMqtt } from '#test/support/raw-mqtt.ts';
import { temporaryFolder } from '#test/support/site-database.ts';
import { LoadDevice } from './load-device.ts';

t.setTimeout(120_000);

const DEVICES = 5;
const MESSAGES = 170;
/** All together are 51 MB, and what one device says is less than it may say at once. */
const LARGE_BYTES = 60_000;
/**
 * Above what is held after the same load undisturbed: `cleanBytes` (16 MiB), a full socket (5 MiB), and some. Whoever
 * kept everything for who does not read would hold 50 and more.
 */
const GROWTH_MIB = 30;

t.test(
  'beside who does not read and who floods, all messages of the others arrive in order and memory stays flat',
  async (t) => {
    const dir = temporaryFolder(t);
    const broker = ownBroker({ dir, limits: 'default', nodeArgs: PROBE_ARGS });
    const port = await broker.start();
    t.teardown(() => broker.stop());
    await exchange(t, port, 'calm');
    const calmMiB = await heldMiB(dir);
    for (const [name, disturb] of Object.entries(DISTURBERS)) {
      await t.test(name, async (t) => {
        const end = await disturb(port);
        t.teardown(end);
        await exchange(t, port, name.replaceAll(' ', '-').slice(-32));
        const growthMiB = (await heldMiB(dir)) - calmMiB;
        t.ok(growthMiB < GROWTH_MIB, `it holds ${Math.round(growthMiB)} MiB more`);
      });
    }
  },
);

/** Devices say what they have to, one subscriber hears it: everything, once, and each device in its order. */
async function exchange(t: Test, port: number, round: string): Promise<void> {
  const live = await RawMqtt.connect(t, port, { clientId: `svc.live-${round}`, clean: false });
  live.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: `wp/1/${round}/+/up/event`, qos: 1 }],
  });
  await live.next('suback');
  const devices = await Promise.all(
    Array.from({ length: DEVICES }, (_, n) => LoadDevice.connect(t, port, { site: round, device: `d${n}` })),
  );
  const said = Promise.all(devices.map((device) => device.say(MESSAGES, LARGE_BYTES)));
  const heard = new Map<string, number[]>();
  for (let n = 0; n < DEVICES * MESSAGES; n += 1) {
    const { topic, payload, messageId = 0 } = await live.next('publish');
    live.send({ cmd: 'puback', messageId });
    const { wpseq } = JSON.parse(payload.toString());
    heard.set(topic, [...(heard.get(topic) ?? []), wpseq]);
  }
  await said;
  const all = Array.from({ length: MESSAGES }, (_, n) => n + 1);
  for (const numbers of heard.values()) t.same(numbers, all, `${round}: complete and in order`);
  t.equal(heard.size, DEVICES);
  for (const each of [live, ...devices]) await each.drop();
}
