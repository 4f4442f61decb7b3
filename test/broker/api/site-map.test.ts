import { decode } from 'fast-png';
import t, { type Test } from 'tap';
import { FloorDetail, MapList, RouteItem } from '#contract/site-map/http.ts';
import { Lif } from '#contract/site-map/lif.ts';
import { MALL_DIR } from '#scripts/site-map/draw-mall.ts';
import { apiSide } from '../support/api.ts';

async function mall(t: Test) {
  const side = await apiSide(t, { maps: MALL_DIR });
  await side.siteMap.start();
  return side;
}

t.test(
  'the floors are listed from the lowest up, each with its plan, graph, zones and devices',
  async (t) => {
    const { call, url } = await mall(t);
    const list = MapList.parse((await call('maps')).json);
    t.match(list, {
      name: 'Central Mall',
      problem: null,
      vehicleTypes: ['watchpost.mall-patrol'],
      next: null,
    });
    t.same(
      list.items.map(({ id }) => id),
      ['central-mall-g', 'central-mall-1'],
    );
    const floor = FloorDetail.parse((await call('maps/central-mall-g', { as: 'auditor' })).json);
    t.same([floor.nodes.length, floor.zones.length, floor.plan.max], [18, 4, [48, 30]]);
    t.match(floor.devices, [{ device: 'pillar-001', at: [0.8, 18] }]);
    t.match(
      floor.edges.filter(({ toMap }) => toMap !== null),
      [{ from: 'g-lift', to: 'u-lift', toMap: 'central-mall-1' }],
    );
    const speak = floor.zones.find((zone) => zone.kind === 'speak');
    t.match(speak, { say: { en: 'Please let the robot through to the lift.', 'zh-CN': /请让一让/ } });
    const picture = await fetch(`${url}${floor.plan.url}`, {
      headers: { authorization: 'Bearer token-of-the-admin' },
    });
    t.equal(picture.headers.get('content-type'), 'image/png');
    const { width, height } = decode(new Uint8Array(await picture.arrayBuffer()));
    t.same([width, height], [480, 300]);
  },
);

t.test('the graph is served as the LIF that it was', async (t) => {
  const { call } = await mall(t);
  const { layouts } = Lif.parse((await call('maps/graph')).json);
  t.same(
    layouts.map(({ nodes }) => nodes.length),
    [18, 12],
  );
});

t.test('a route is planned by query, round what is blocked', async (t) => {
  const { call } = await mall(t);
  const route = async (query: string) => RouteItem.parse((await call(`maps/route?${query}`)).json);
  const direct = await route('from=g-dock&to=pillar-001');
  t.same(direct.nodes, ['g-dock', 'g-dock-front', 'g-sw', 'g-west-gate']);
  const round = await route('from=g-dock&to=pillar-001&blocked=g-sw,nothing&vehicle=watchpost.mall-patrol');
  t.ok(round.metres > direct.metres && !round.nodes.includes('g-sw'));
  t.match(await call('maps/route?from=g-dock&to=moon'), { status: 404, json: { code: 'WP4820' } });
  t.match(await call('maps/route?from=g-dock&to=g-sw&blocked=g-dock-front'), {
    status: 409,
    json: { code: 'WP4821' },
  });
  t.match(await call('maps/route?from=g-dock&to=g-sw&vehicle=boat'), {
    status: 404,
    json: { code: 'WP4822' },
  });
  t.match(await call('maps/route?from=g-dock'), { status: 400 });
});

t.test('nobody reads a map without a name, and what is not there is not there', async (t) => {
  const { call } = await mall(t);
  for (const path of [
    'maps',
    'maps/graph',
    'maps/central-mall-g',
    'maps/central-mall-g/plan.png',
    'maps/route?from=a&to=b',
  ])
    t.equal((await call(path, { as: null })).status, 401, path);
  t.match(await call('maps/attic'), { status: 404, json: { code: 'WP3802' } });
  t.match(await call('maps/attic/plan.png'), { status: 404, json: { code: 'WP3802' } });
  t.equal((await call('maps/..%2f..%2fetc')).status, 404);
});

t.test('a site without a map lists no floors, and says so to who asks for more', async (t) => {
  const { call } = await apiSide(t);
  t.match((await call('maps')).json, { items: [], name: null, problem: null });
  t.match(await call('maps/graph'), { status: 404, json: { code: 'WP3801' } });
  t.match(await call('maps/route?from=a&to=b'), { status: 404, json: { code: 'WP3801' } });
});
