import t, { type Test } from 'tap';
import type { EventItem } from '#contract/http.ts';
import type { DeviceState } from '#contract/messages.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { type TestSite, until } from '#test/support/site.ts';
import { alarmsOf, incidentAlarms, press, startSite, tryPress, untilDelivered } from './support/bench.ts';
import { CardDevice, DEVICE, damage } from './support/card-device.ts';

/** Instead of ninety seconds. */
const SHORT = { WATCHPOST_TRIAL_S: '3' };

const bundleOf = async (site: TestSite): Promise<DeviceState['bundle'] | null> => {
  const { status, body } = await site.request('GET', `devices/${SITE_ID}.${DEVICE}`);
  return status === 200 && Object(body).state?.online === true ? (Object(body).state.bundle ?? null) : null;
};

const untilRuns = (site: TestSite, generation: number, state: 'confirmed' | 'trial' = 'confirmed') =>
  until(`generation ${generation} is ${state}`, async () => {
    const bundle = await bundleOf(site);
    return bundle?.generation === generation && bundle.state === state ? bundle : null;
  });

async function rejected(site: TestSite): Promise<EventItem['data']> {
  const [event] = await until('it is told that it was given up', async () => {
    const events = await site.events('wp.profile.rejected.v1');
    return events.length > 0 ? events : null;
  });
  return event?.data ?? {};
}

/** Generation 1 is confirmed, and the device is switched off; its card is in somebody's hand. */
async function confirmed(t: Test, env: Readonly<Record<string, string>> = {}) {
  const site = await startSite(t);
  const device = await CardDevice.at(t, site, env);
  await device.flash(device.bundle(1));
  await device.start();
  await untilRuns(site, 1);
  await device.process.stop();
  return { site, device };
}

const AWAY = { driver: 'gpio', chip: 'no such chip', line: 3 };

t.test('a trial that is killed twice is given up at the third start', async (t) => {
  const { site, device } = await confirmed(t);
  await device.flash(device.bundle(2, { lamp: AWAY }));
  for (let kill = 0; kill < 2; kill += 1) {
    await device.start();
    await untilRuns(site, 2, 'trial');
    await device.process.kill();
  }
  await device.start();
  t.match(await rejected(site), { generation: 2, code: 'WP4205', phase: 'trial', backTo: 1 });
  await untilRuns(site, 1);
  const restarts = await site.events('wp.agent.restarted.v1');
  t.same(
    restarts.map(({ data }) => [data.cause, data.crashes]),
    [
      ['crash', 0],
      ['crash', 0],
    ],
    'told, and no step towards safe mode',
  );
});

t.test('a lamp that does not answer: the device goes back by itself and says why', async (t) => {
  const { site, device } = await confirmed(t, SHORT);
  await device.flash(device.bundle(2, { lamp: AWAY }));
  await device.start();
  const data = await rejected(site);
  t.match(data, { generation: 2, code: 'WP4216', phase: 'trial', backTo: 1, detail: /outputs: .*lamp/ });
  t.match(await untilRuns(site, 1), { slot: 'a', last: { generation: 2, code: 'WP4216' } });
});

t.test('a slot that was damaged is not run', async (t) => {
  const { site, device } = await confirmed(t);
  await device.flash(device.bundle(2));
  damage(device.card, 'b', 'profile.json');
  await device.start();
  t.match(await rejected(site), { generation: 2, code: 'WP4204', backTo: 1 });
  t.equal((await untilRuns(site, 1)).slot, 'a');
});

t.test('no link: given up where the profile does not say that there may be none', async (t) => {
  const { site, device } = await confirmed(t, SHORT);
  await site.broker.kill();
  await device.flash(device.bundle(2, { link: { ...LINK, offline: 'the mast comes in March' } }));
  await device.start();
  await until('it is confirmed', async () => (await device.card.store.state()).floor?.generation === 2);
  await device.process.stop();
  await device.flash(device.bundle(3));
  await device.start();
  await until('it went back', async () => (await device.card.store.state()).last?.generation === 3);
  await site.startBroker();
  t.match(await rejected(site), { generation: 3, code: 'WP4218', backTo: 2 });
  await untilRuns(site, 2);
});

const LINK = { window: 20, alarmSlots: 4, backoffMaxS: 1, keepaliveS: 20 };

t.test('a press during a trial: the alarm first, and the restart when nobody waits any more', async (t) => {
  const { site, device } = await confirmed(t, SHORT);
  await device.flash(device.bundle(2, { lamp: AWAY }));
  await device.start();
  const { pid } = device.process;
  const id = await press(site, DEVICE);
  await untilDelivered(site, DEVICE, [id]);
  await until('the trial is decided', async () => (await device.card.store.state()).last?.generation === 2);
  t.equal((await bundleOf(site))?.generation, 2, 'it still runs: somebody waits for help');
  // A device without a voice has opened one for that.
  const all = await Promise.all((await site.incidents('?state=open')).map((each) => site.incident(each.id)));
  const incident = all.find(({ alarms }) => alarms.some(({ eventId }) => eventId === id));
  const { status } = await site.request('POST', `incidents/${incident?.id}/resolve`, { cause: 'helped' });
  t.equal(status, 200);
  await untilRuns(site, 1);
  t.equal(device.process.pid, pid);
  t.same(
    (await alarmsOf(site, DEVICE)).map((alarm) => alarm.id).filter((each) => each === id),
    [id],
    'once',
  );
  t.same(
    (await incidentAlarms(site)).filter((each) => each === id),
    [id],
  );
});

t.test(
  'a button that is down all through the trial: the call is on the ledger, and the device goes back',
  async (t) => {
    const { site, device } = await confirmed(t, SHORT);
    // With a lamp that does not answer the trial lasts for as long as it may.
    await device.flash(device.bundle(2, { lamp: AWAY }));
    await device.start();
    const held = await until('it is pressed', () => tryPress(site, DEVICE, 'b0').catch(() => null));
    const data = await rejected(site);
    t.match(data, { generation: 2, code: 'WP4215', phase: 'trial', backTo: 1, detail: /buttons: down: b0/ });
    t.match(await untilRuns(site, 1), { slot: 'a', last: { generation: 2, code: 'WP4215' } });
    t.same(
      (await alarmsOf(site, DEVICE)).map(({ id }) => id).filter((id) => id === held),
      [held],
      'the press, once',
    );
  },
);
