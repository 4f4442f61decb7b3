import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Lif } from '#contract/site-map/lif.ts';
import { readSiteMap } from '#contract/site-map/read-site-map.ts';
import { RoutePlanner, type Vehicle } from '#contract/site-map/route-planner.ts';
import type { SiteMap } from '#contract/site-map/site-map.ts';
import { bothWays, edge, type MapFiles, mapFolder, node, roomGraph, SITE_YAML } from './map-folder.ts';

function mapOf(t: Test, files: MapFiles = {}): SiteMap {
  const { map, problems } = readSiteMap(mapFolder(t, files));
  if (map === null) throw new RangeError(JSON.stringify(problems));
  return map;
}

const layout = (more: Partial<Lif['layouts'][number]>): MapFiles => ({
  'routes.lif.json': JSON.stringify(roomGraph(more)),
});
const zones = (text: string): MapFiles => ({
  'site-map.yaml': SITE_YAML.replace('zones: []', `zones:\n  - ${text}`),
});
const planner = (t: Test, files?: MapFiles, vehicle?: Vehicle) => new RoutePlanner(mapOf(t, files), vehicle);
/** To the thousandth. */
const close = (t: Test, value: number, wanted: number, what?: string) =>
  t.ok(Math.abs(value - wanted) < 1e-3, `${what ?? ''} ${value}, not ${wanted}`);

t.test('a route has its nodes, edges, metres and seconds, turning included', async (t) => {
  const route = planner(t).plan({ from: 'west', to: 'desk' });
  t.same(route.nodes, ['west', 'over', 'east']);
  t.same(route.edges, ['west-over', 'over-east']);
  close(t, route.metres, 2 * Math.hypot(3, 2.5));
  const turn = 2 * Math.atan2(2.5, 3);
  close(t, route.turningS, turn, 'at 1 rad/s');
  close(t, route.seconds, route.metres + turn, 'at 1 m/s');
});

t.test('from a place to itself there is nothing to drive', async (t) => {
  t.same(planner(t).plan({ from: 'east', to: 'desk' }), {
    nodes: ['east'],
    edges: [],
    metres: 0,
    seconds: 0,
    turningS: 0,
  });
});

t.test('what is blocked is gone round, and when nothing is left it is said', async (t) => {
  const detour = layout({
    nodes: [...(roomGraph().layouts[0]?.nodes ?? []), node('up', 5, 5.2)],
    edges: bothWays('west', 'over', 'east', 'up', 'west'),
  });
  const plan = planner(t, detour);
  const to = (...blocked: string[]) =>
    plan.plan({ from: 'west', to: 'east', blocked: new Set(blocked) }).nodes;
  t.same(to(), ['west', 'over', 'east']);
  t.same(to('over-east'), ['west', 'up', 'east'], 'an edge');
  t.same(to('over'), ['west', 'up', 'east'], 'a node');
  t.throws(() => to('over-east', 'up-east'), { code: 'WP4821' }, 'the last way in is blocked');
  t.throws(() => to('over', 'up'), { code: 'WP4821' });
  t.throws(() => to('east'), { code: 'WP4821' });
  t.same(to(), ['west', 'over', 'east'], 'a block holds for its question only');
});

t.test('a one-way edge is not driven against', async (t) => {
  const plan = planner(
    t,
    layout({ edges: [edge('west', 'over'), edge('over', 'east'), edge('east', 'over')] }),
  );
  t.equal(plan.plan({ from: 'west', to: 'east' }).edges.length, 2);
  t.throws(() => plan.plan({ from: 'east', to: 'west' }), { code: 'WP4821' });
});

t.test(
  'of two edges between the same nodes the quicker is taken, and the other when it is blocked',
  async (t) => {
    const edges = [
      ...bothWays('west', 'over'),
      edge('over', 'east', { maxSpeed: 0.2 }, 'slow'),
      edge('over', 'east', {}, 'quick'),
      edge('east', 'over'),
    ];
    const plan = planner(t, layout({ edges }));
    t.same(plan.plan({ from: 'over', to: 'east' }).edges, ['quick']);
    t.same(plan.plan({ from: 'over', to: 'east', blocked: new Set(['quick']) }).edges, ['slow']);
  },
);

t.test('a no-go zone is never crossed, and a slow one takes its time', async (t) => {
  const detour = {
    ...layout({
      nodes: [...(roomGraph().layouts[0]?.nodes ?? []), node('up', 5, 5.2)],
      edges: bothWays('west', 'over', 'east', 'up', 'west'),
    }),
  };
  const around = {
    ...detour,
    ...zones('{ id: z, map: room, kind: no-go, polygon: [[5.6, 3.7], [5.8, 3.7], [5.8, 4.1], [5.6, 4.1]] }'),
  };
  t.same(planner(t, around).plan({ from: 'west', to: 'east' }).nodes, ['west', 'up', 'east']);
  const half = zones(
    '{ id: z, map: room, kind: slow, maxSpeedMps: 0.25, polygon: [[5, 1], [9, 1], [9, 5], [5, 5]] }',
  );
  const { seconds, turningS } = planner(t, half).plan({ from: 'west', to: 'east' });
  close(t, seconds - turningS, Math.hypot(3, 2.5) * (1 + 4));
});

t.test('where slow zones overlap the slowest holds', async (t) => {
  const both = `{ id: a, map: room, kind: slow, maxSpeedMps: 0.5, polygon: [[5, 1], [9, 1], [9, 5], [5, 5]] }
  - { id: b, map: room, kind: slow, maxSpeedMps: 0.25, polygon: [[5, 1], [9, 1], [9, 5], [5, 5]] }`;
  const { seconds, turningS } = planner(t, zones(both)).plan({ from: 'over', to: 'east' });
  close(t, seconds - turningS, Math.hypot(3, 2.5) * 4);
});

t.test('each type of vehicle has its own edges, and an unknown one is refused', async (t) => {
  const types = [{ vehicleTypeId: 'any' }, { vehicleTypeId: 'small' }];
  const nodes = (roomGraph().layouts[0]?.nodes ?? []).map((one) => ({
    ...one,
    vehicleTypeNodeProperties: types,
  }));
  const files = layout({
    nodes,
    edges: [...bothWays('west', 'over', 'east'), edge('west', 'over', { vehicleTypeId: 'small' }, 's1')],
  });
  t.same(planner(t, files, { vehicleType: 'small' }).plan({ from: 'west', to: 'over' }).edges, ['s1']);
  t.throws(() => planner(t, files, { vehicleType: 'small' }).plan({ from: 'west', to: 'east' }), {
    code: 'WP4821',
  });
  t.throws(() => planner(t, files, { vehicleType: 'boat' }), {
    code: 'WP4822',
    detail: /boat; it knows any, small/,
  });
});

t.test('a slow vehicle takes longer, and an edge’s limit holds for a fast one', async (t) => {
  const driving = (files: MapFiles | undefined, speedMps: number) => {
    const { seconds, turningS } = planner(t, files, { speedMps }).plan({ from: 'west', to: 'over' });
    return seconds - turningS;
  };
  close(t, driving(undefined, 0.5), 2 * Math.hypot(3, 2.5));
  const limited = layout({
    edges: [edge('west', 'over', { maxSpeed: 0.5 }), ...bothWays('over', 'east'), edge('over', 'west')],
  });
  close(t, driving(limited, 5), 2 * Math.hypot(3, 2.5));
});

t.test('a lift between floors costs its time, and only when it must be taken', async (t) => {
  const upstairs = SITE_YAML.replace(
    'graph:',
    '  - { id: loft, name: Loft, level: 1, plan: room.yaml }\ngraph:',
  );
  const lif = roomGraph({ edges: [...bothWays('west', 'over', 'east'), edge('over', 'loft-over')] });
  const [ground] = lif.layouts;
  if (ground === undefined) throw new RangeError('no layout');
  const loft = {
    ...ground,
    layoutId: 'up',
    nodes: [node('loft-over', 5, 4.5, { mapId: 'loft' })],
    edges: [edge('loft-over', 'over')],
    stations: [],
  };
  const files = {
    'site-map.yaml': upstairs,
    'routes.lif.json': JSON.stringify({ ...lif, layouts: [ground, loft] }),
  };
  const plan = planner(t, files);
  close(t, plan.plan({ from: 'over', to: 'loft-over' }).seconds, 30);
  t.ok(plan.plan({ from: 'west', to: 'east' }).seconds < 30);
});

t.test(
  'places are nodes, stations, fixed devices and points; of a station the nearest node counts',
  async (t) => {
    const files = {
      ...layout({ stations: [{ stationId: 'both', interactionNodeIds: ['east', 'over'] }] }),
      'site-map.yaml': `${SITE_YAML}devices:\n  - { device: pillar-1, map: room, x: 9, y: 1, node: east }\n  - { device: pillar-2, map: room, x: 4.8, y: 1 }\n`,
    };
    const plan = planner(t, files);
    const end = (to: string) => plan.plan({ from: 'west', to }).nodes.at(-1);
    t.equal(end('both'), 'over');
    t.equal(end('pillar-1'), 'east');
    t.equal(end('pillar-2'), 'west', 'the nearest node');
    t.equal(end('room:6,0.7'), 'east');
    // Nearer to the west node by the air, but a wall stands between.
    t.equal(end('room:5.6,0.6'), 'east');
    for (const nowhere of ['moon', 'attic:1,1', 'room:x,1'])
      t.throws(() => end(nowhere), { code: 'WP4820', detail: nowhere });
  },
);

t.test('an edge for loaded vehicles only is not for a robot', async (t) => {
  const loaded = { loadRestriction: { unloaded: false, loaded: true } };
  const plan = planner(
    t,
    layout({ edges: [edge('west', 'over', loaded), ...bothWays('over', 'east'), edge('over', 'west')] }),
  );
  t.throws(() => plan.plan({ from: 'west', to: 'over' }), { code: 'WP4821' });
});

/** The least seconds by trying every edge again and again until nothing changes (Bellman and Ford). */
function leastSeconds(
  edges: readonly { from: number; to: number; seconds: number }[],
  start: number,
  nodes: number,
) {
  const least = Array.from({ length: nodes }, (_, index) => (index === start ? 0 : Number.POSITIVE_INFINITY));
  for (let round = 0; round < nodes; round++) {
    for (const { from, to, seconds } of edges) {
      least[to] = Math.min(least[to] ?? 0, (least[from] ?? 0) + seconds);
    }
  }
  return least;
}

t.test(
  'no way is quicker than the one planned, on graphs of any shape, with any edges blocked',
  async (t) => {
    const COUNT = 9;
    const place = fc.tuple(fc.integer({ min: 12, max: 88 }), fc.integer({ min: 12, max: 48 }));
    const link = fc.record({
      from: fc.nat(COUNT - 1),
      to: fc.nat(COUNT - 1),
      maxSpeed: fc.constantFrom(0.3, 0.5, 0.7, 1, 3),
      isBlocked: fc.nat(4).map((n) => n === 0),
    });
    const shape = fc.record({
      places: fc.uniqueArray(place, {
        minLength: COUNT,
        maxLength: COUNT,
        selector: ([x, y]) => `${x} ${y}`,
      }),
      links: fc.array(link, { minLength: 12, maxLength: 60, size: 'max' }),
    });
    let found = 0;
    fc.assert(
      fc.property(shape, ({ places, links }) => {
        const nodes = places.map(([x, y], index) => node(`n${index}`, x / 10, y / 10));
        const used = links.filter(({ from, to }) => from !== to);
        const edges = used.map(({ from, to, maxSpeed }, index) =>
          edge(`n${from}`, `n${to}`, { maxSpeed }, `e${index}`),
        );
        const files = {
          ...layout({ nodes, edges, stations: [] }),
          'room.pgm': `P2 20 12 255 ${'255 '.repeat(240)}`,
        };
        const plan = planner(t, files);
        const blocked = new Set(used.flatMap(({ isBlocked }, index) => (isBlocked ? [`e${index}`] : [])));
        const open = used.flatMap(({ from, to, maxSpeed, isBlocked }) => {
          const [[ax, ay] = [0, 0], [bx, by] = [0, 0]] = [places[from], places[to]];
          const metres = Math.hypot(bx - ax, by - ay) / 10;
          return isBlocked ? [] : [{ from, to, seconds: metres / Math.min(1, maxSpeed) }];
        });
        const least = leastSeconds(open, 0, COUNT);
        return least.every((seconds, index) => {
          const query = { from: 'n0', to: `n${index}`, blocked };
          if (seconds === Number.POSITIVE_INFINITY) return refuses(() => plan.plan(query));
          found += 1;
          const route = plan.plan(query);
          return Math.abs(route.seconds - route.turningS - seconds) < 1e-9;
        });
      }),
      { numRuns: 60, seed: 11 },
    );
    t.ok(found > 60, `${found} routes`);
  },
);

function refuses(plan: () => unknown): boolean {
  try {
    plan();
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('WP4821');
  }
}
