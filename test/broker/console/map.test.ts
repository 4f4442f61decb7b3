import t from 'tap';
import { placed, placeOf } from '#broker/console/map/markers.ts';
import { centred, moved, svgBox, svgPoints, wholeFloor, zoomed } from '#broker/console/map/view-box.ts';
import { initialState } from '#broker/console/state/model.ts';
import { reduce } from '#broker/console/state/reduce.ts';
import type { FloorDetail } from '#contract/site-map/http.ts';
import { sampleDevice, sampleIncident } from './samples.ts';

const FLOOR: FloorDetail = {
  ...{ id: 'ground', name: 'Ground', level: 0, digest: 'd' },
  plan: { url: '/plan', widthM: 50, heightM: 25, origin: [0, 0, 0], min: [0, 0], max: [50, 25] },
  ...{ nodes: [], edges: [], zones: [] },
  devices: [{ device: 'pillar-001', at: [3, 4] }],
};
const robot = (map: string) =>
  sampleDevice({
    device: 'robot-001',
    place: { label: 'on its round', pose: { map, x: 5, y: 6, theta: 1 } },
  });

t.test('a device stands where it says it is, else where the map puts it, else elsewhere', async (t) => {
  const pillar = sampleDevice();
  const { here, elsewhere } = placed([pillar, robot('ground'), sampleDevice({ device: 'mast-001' })], FLOOR);
  t.same(
    here.map(({ device, at, theta }) => [device.device, at, theta]),
    [
      ['pillar-001', [3, 4], null],
      ['robot-001', [5, 6], 1],
    ],
  );
  t.match(elsewhere, [{ device: { device: 'mast-001' }, floor: null }]);
  t.match(placed([robot('first')], FLOOR), { here: [], elsewhere: [{ floor: 'first' }] });
  t.same(
    here.map((marker) => placeOf(marker, 'ground')),
    ['pillar-001', 'ground:5.000,6.000'],
    'a route begins where a robot is now',
  );
});

t.test('what is the matter with a device is seen before whether it is online', async (t) => {
  const standing = (fields: object) =>
    placed([sampleDevice(fields)], FLOOR).here.map((marker) => marker.standing);
  t.same(standing({}), ['online']);
  t.same(standing({ online: false }), ['offline']);
  t.same(standing({ online: false, openIncidentId: 'i' }), ['alarmed']);
});

t.test('the view never leaves the floor, and comes no closer than a robot fills it', async (t) => {
  const whole = wholeFloor([0, 0], [50, 25]);
  t.same(whole, { x: -2, y: -2, width: 54, height: 29 });
  t.same(zoomed(whole, 2, whole), whole, 'there is no more than the whole');
  t.same(moved(whole, [10, -10], whole), whole);
  const half = zoomed(whole, 0.5, whole, [0, 0]);
  t.same(half, { x: -1, y: -1, width: 27, height: 14.5 }, 'the point stays where it was');
  t.equal(zoomed(half, 0.001, whole).width, 3);
  t.same(centred(half, [50, 25], whole), { x: 25, y: 12.5, width: 27, height: 14.5 });
  t.same(centred(whole, [9, 9], whole), whole);
});

t.test('y goes up on a floor and down in a picture', async (t) => {
  t.equal(svgBox({ x: 1, y: 2, width: 10, height: 5 }), '1 -7 10 5');
  t.equal(
    svgPoints([
      [1, 2],
      [3, -4],
    ]),
    '1,-2 3,4',
  );
});

t.test('from the map, Escape and any incident lead to the desk', async (t) => {
  const open = reduce(initialState('en', 0), { type: 'session-opened' });
  const incident = sampleIncident();
  const known = reduce(open, { type: 'incident', incident });
  const onMap = reduce(known, { type: 'screen-chosen', screen: 'map' });
  t.equal(onMap.screen, 'map');
  t.equal(reduce(onMap, { type: 'backed' }).screen, 'desk');
  t.match(reduce(onMap, { type: 'selected', id: incident.id }), { screen: 'desk', pane: 'detail' });
  t.equal(
    reduce(onMap, { type: 'incident', incident: sampleIncident() }).screen,
    'map',
    'a new alarm takes nobody away',
  );
  t.equal(reduce(onMap, { type: 'session-needed', trouble: null }).screen, 'desk');
});
