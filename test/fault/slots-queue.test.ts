import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import * as z from 'zod';
import { type TestSite, until } from '#test/support/site.ts';
import { alarmsOf, idsOf, startSite, untilDelivered } from './support/bench.ts';
import { CardDevice, DEVICE, PROFILE } from './support/card-device.ts';

const INPUTS = [...PROFILE.inputs, { name: 'hatch', kind: 'tamper', with: { driver: 'sim' } } as const];
const OFFLINE = { ...PROFILE.link, offline: 'no network in this test' };

const Line = z.object({ time: z.number(), msg: z.string(), afterMs: z.number().optional() });

/** At each switch, how long no press would have been taken, and how much of that was the new process on its way. */
function gapsMs(site: TestSite): readonly { down: number; start: number }[] {
  const lines = readFileSync(join(site.dir, `${DEVICE}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => Line.parse(JSON.parse(line)));
  return lines.flatMap(({ msg, time }, at) => {
    if (msg !== 'agent.disarmed') return [];
    const armed = lines.slice(at).find((later) => later.msg === 'agent.armed');
    return armed === undefined ? [] : [{ down: armed.time - time, start: armed.afterMs ?? 0 }];
  });
}

/** An alarm that opens no call: the device is free to restart. Answers its id. */
async function openHatch(site: TestSite): Promise<string> {
  const ask = (request: 'tamper' | 'untamper') =>
    until(request, async () => {
      const answer = await site.sim({ request, name: 'hatch' }, DEVICE).catch(() => null);
      return answer?.ok === true ? answer : null;
    });
  const { id } = await ask('tamper');
  await ask('untamper');
  if (id === undefined) throw new TypeError('the alarm was not confirmed');
  return id;
}

t.test('alarms that wait outlive a switch forward, a trial that fails, and the way back', async (t) => {
  const site = await startSite(t);
  const device = await CardDevice.at(t, site);
  const { store } = device.card;
  await device.flash(device.bundle(1, { inputs: INPUTS, link: OFFLINE }));
  await device.start();
  await until('1 is confirmed', async () => (await store.state()).floor?.generation === 1);
  await site.broker.kill();
  const ids = [await openHatch(site), await openHatch(site)];

  device.drop(device.bundle(2, { inputs: INPUTS, link: OFFLINE }), 'TWO.wpb');
  await until('2 is confirmed', async () => (await store.state()).floor?.generation === 2);
  ids.push(await openHatch(site), await openHatch(site));

  device.drop(device.bundle(3, { inputs: INPUTS, lamp: { driver: 'nonsense' } }), 'THREE.wpb');
  await until('3 is given up', async () => (await store.state()).last?.generation === 3);
  ids.push(await openHatch(site));

  await site.startBroker();
  await untilDelivered(site, DEVICE, ids, 60_000);
  const known = new Set(ids);
  t.same(
    idsOf(await alarmsOf(site, DEVICE)).filter((id) => known.has(id)),
    ids,
    'each once, in the order in which they were raised',
  );
  const gaps = gapsMs(site);
  const told = gaps.map(({ down, start }) => `${down} ms (${start} of it the start)`).join(', ');
  t.comment(`at a load of ${loadavg()[0]?.toFixed(1)} no press was taken for ${told}`);
  // To 2; and to 3, which never armed, and back.
  t.equal(gaps.length, 2);
  // How long is a matter of the machine (docs/slots.md); here only that it ends.
  t.ok(gaps.every(({ down, start }) => start > 0 && down >= start && down < 30_000));
});
