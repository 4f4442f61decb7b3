import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as z from 'zod';
import { type TestSite, until } from '#test/support/site.ts';
import { alarmsOf, idsOf, startSite, untilDelivered } from './support/bench.ts';
import { CardDevice, DEVICE, PROFILE } from './support/card-device.ts';

const INPUTS = [...PROFILE.inputs, { name: 'hatch', kind: 'tamper', with: { driver: 'sim' } } as const];
const OFFLINE = { ...PROFILE.link, offline: 'no network in this test' };

const Line = z.object({ time: z.number(), msg: z.string() });

/** How long no press would have been taken, at each switch: from the order to begin anew until armed. */
function gapsMs(site: TestSite): readonly number[] {
  const lines = readFileSync(join(site.dir, `${DEVICE}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => Line.parse(JSON.parse(line)));
  return lines.flatMap(({ msg, time }, at) => {
    if (msg !== 'agent.begins-anew') return [];
    const armed = lines.slice(at).find((later) => later.msg === 'agent.armed');
    return armed === undefined ? [] : [armed.time - time];
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
  t.comment(`no press taken for ${gaps.join(', ')} ms at the switches`);
  t.equal(gaps.length, 3);
  // What it is on a quiet machine stands in docs/slots.md; here only that it ends.
  t.ok(Math.max(...gaps) < 30_000);
});
