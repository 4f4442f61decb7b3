import t from 'tap';
import { initialState } from '#broker/console/state/model.ts';
import { byUrgency, listedDevices, loudest, nextActions } from '#broker/console/state/ranking.ts';
import type { IncidentDetail } from '#contract/http.ts';
import { sampleDevice, sampleIncident } from './samples.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const order = (items: IncidentDetail[]) => [...items].sort(byUrgency).map(({ id }) => id);

t.test('unanswered stand before answered, exercises after both, closed last', async (t) => {
  const items = [
    sampleIncident({ id: 'closed', state: 'resolved', openedAt: at(9) }),
    sampleIncident({ id: 'test', test: true, openedAt: at(8) }),
    sampleIncident({ id: 'taken', state: 'assigned', nextEscalationAt: null, openedAt: at(7) }),
    sampleIncident({ id: 'open', openedAt: at(1) }),
  ];
  t.same(order(items), ['open', 'taken', 'test', 'closed']);
});

t.test(
  'among unanswered, danger to life stands before things, things before faults, then the newest',
  async (t) => {
    const items = [
      sampleIncident({ id: 'fault', type: 'wp.supervision.lost.v1', openedAt: at(9) }),
      sampleIncident({ id: 'bag', type: 'wp.object.left.v1', openedAt: at(8) }),
      sampleIncident({ id: 'press', openedAt: at(1) }),
      sampleIncident({ id: 'smoke', type: 'wp.smoke.detected.v1', openedAt: at(2) }),
    ];
    t.same(order(items), ['smoke', 'press', 'bag', 'fault']);
  },
);

t.test('an alarm of a kind this page does not know is listed all the same', async (t) => {
  t.same(order([sampleIncident({ id: 'new', type: 'wp.flood.foreseen.v2' })]), ['new']);
});

t.test('one that calls again stands with the unanswered', async (t) => {
  const again = sampleIncident({ id: 'again', state: 'on-scene', openedAt: at(5), nextEscalationAt: at(60) });
  t.same(order([sampleIncident({ id: 'open', openedAt: at(1) }), again]), ['again', 'open']);
});

t.test('the expected step is offered first', async (t) => {
  const offered = (fields: Partial<IncidentDetail>) =>
    nextActions(sampleIncident({ nextEscalationAt: null, ...fields }))[0];
  t.same(
    [
      offered({ state: 'open' }),
      offered({ state: 'acknowledged' }),
      offered({ state: 'assigned' }),
      offered({ state: 'on-scene' }),
      offered({ state: 'resolved' }),
      offered({ state: 'reviewed' }),
    ],
    ['acknowledge', 'assign', 'arrive', 'resolve', 'review', undefined],
  );
  t.equal(
    offered({ state: 'assigned', nextEscalationAt: at(60) }),
    'acknowledge',
    'a further press is acknowledged',
  );
});

t.test('devices in trouble come first', async (t) => {
  const devices = [
    sampleDevice({ device: 'calm' }),
    sampleDevice({ device: 'gone', online: false }),
    sampleDevice({ device: 'zz', openIncidentId: 'a' }),
  ];
  const state = { ...initialState('en', 0), devices: new Map(devices.map((device) => [device.id, device])) };
  t.same(
    listedDevices(state).map(({ device }) => device),
    ['zz', 'gone', 'calm'],
  );
});

t.test('the alarm called out is the most urgent of those that ring', async (t) => {
  const bag = sampleIncident({ id: 'bag', type: 'wp.object.left.v1' });
  const press = sampleIncident({ id: 'press' });
  const incidents = new Map([bag, press].map((item) => [item.id, item]));
  const state = { ...initialState('en', 0), incidents };
  t.equal(loudest(state), null);
  t.equal(loudest({ ...state, ringing: new Set(['bag', 'press']) })?.id, 'press');
  t.equal(loudest({ ...state, ringing: new Set(['bag']) })?.id, 'bag');
});
