import t from 'tap';
import { type TestSite, until } from '#test/support/site.ts';
import { layOut, press, startDevice, startSite } from './support/bench.ts';

const DEVICE = 'pillar-001';

// Each has a site of its own. The first shows for 15 s that the call is closed: the others pass meanwhile.
t.jobs = 3;

/** Waits until the device shows and says this. */
function untilShown(site: TestSite, panic: string, lamp: string, voice?: string): Promise<true> {
  return until(`the device is ${panic}, its lamp ${lamp}, its voice ${voice ?? 'anything'}`, async () => {
    const state = await site.state(DEVICE);
    const isSaid = voice === undefined || state.voice?.key === voice;
    return state.panic === panic && state.lamp === lamp && isSaid;
  });
}

async function step(site: TestSite, id: string, action: string, body: object = {}): Promise<void> {
  const { status, body: answer } = await site.request('POST', `incidents/${id}/${action}`, body);
  if (status !== 200) throw new TypeError(`${action}: ${status} ${JSON.stringify(answer)}`);
}

/** The incident that this press opened: a device without a voice has opened one for that. */
function incidentOf(site: TestSite, pressId: string): Promise<string> {
  return until('the press is in an incident', async () => {
    const details = await Promise.all(
      (await site.incidents('?state=open')).map(({ id }) => site.incident(id)),
    );
    return details.find(({ alarms }) => alarms.some(({ eventId }) => eventId === pressId))?.id ?? null;
  });
}

t.test('a press is acknowledged, attended and closed, and the device shows and says each', async (t) => {
  const site = await startSite(t);
  await site.prepare(DEVICE, { profile: 'device-profiles/pillars/roadside.yaml' });
  await startDevice(site, DEVICE);
  const answer = await site.sim({ request: 'press' }, DEVICE);
  const id = answer.ok ? (answer.id ?? '') : '';
  const incidentId = await incidentOf(site, id);
  t.same(
    (await site.incident(incidentId)).alarms.map(({ eventId }) => eventId),
    [id],
  );
  await untilShown(site, 'received', 'received', 'alarm.received');
  t.ok((await site.state(DEVICE)).siren, 'the siren sounds');
  await step(site, incidentId, 'acknowledge', { note: 'seen' });
  await untilShown(site, 'acknowledged', 'acknowledged', 'alarm.acknowledged');
  t.notOk((await site.state(DEVICE)).siren, 'and is silent once somebody has taken the call');
  await step(site, incidentId, 'assign', { assignee: 'guard 7' });
  await untilShown(site, 'attending', 'attending', 'alarm.attending');
  await step(site, incidentId, 'arrive');
  await site.sim({ request: 'release' }, DEVICE);
  await step(site, incidentId, 'resolve', { cause: 'helped' });
  await untilShown(site, 'closed', 'closed', 'alarm.closed');
  await untilShown(site, 'idle', 'idle');
  const { state, steps } = await site.incident(incidentId);
  t.equal(state, 'resolved');
  t.same(
    steps.map((taken) => taken.state),
    ['open', 'acknowledged', 'assigned', 'on-scene', 'resolved'],
    'every step is kept, with who took it',
  );
});

t.test('a further press after the acknowledgement starts the escalation anew', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  await startDevice(site, DEVICE);
  const first = await press(site, DEVICE, 'b0');
  const id = await incidentOf(site, first);
  await step(site, id, 'acknowledge');
  await untilShown(site, 'acknowledged', 'acknowledged');
  const calm = await site.incident(id);
  t.equal(calm.nextEscalationAt, null, 'once acknowledged nobody else is called');
  const again = await press(site, DEVICE, 'b1');
  const alarmed = await until('the further press has joined', async () => {
    const { alarms, ...rest } = await site.incident(id);
    return alarms.some(({ eventId }) => eventId === again) ? { alarms, ...rest } : null;
  });
  t.equal(alarmed.alarmCount, 2, 'it joins the incident');
  const called = await until('the first are called again', async () => {
    const { escalations, nextEscalationAt } = await site.incident(id);
    return escalations.length > calm.escalations.length ? { nextEscalationAt } : null;
  });
  t.not(called.nextEscalationAt, null, 'and others will be');
  t.equal(
    (await site.events('wp.panic.repressed.v1', DEVICE)).length,
    1,
    'the device called it a further press',
  );
});

t.test('a device that missed the acknowledgement catches up when it is back', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  await startDevice(site, DEVICE);
  const first = await press(site, DEVICE, 'b0');
  const id = await incidentOf(site, first);
  await untilShown(site, 'received', 'received');
  await site.sim({ request: 'link', state: 'down' }, DEVICE);
  await step(site, id, 'acknowledge');
  await site.broker.kill();
  await site.broker.start(() => undefined);
  await site.sim({ request: 'link', state: 'up' }, DEVICE);
  await untilShown(site, 'acknowledged', 'acknowledged');
  t.pass('it shows that help has been called');
});
