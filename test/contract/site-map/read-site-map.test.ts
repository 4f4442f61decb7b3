import t, { type Test } from 'tap';
import type { Lif } from '#contract/site-map/lif.ts';
import { problemText } from '#contract/site-map/problem.ts';
import { readSiteMap } from '#contract/site-map/read-site-map.ts';
import {
  bothWays,
  edge,
  type MapFiles,
  mapFolder,
  node,
  ROOM_YAML,
  roomGraph,
  SITE_YAML,
} from './map-folder.ts';

/** What is wrong with a map in which some files are others; each as one line. */
function wrongs(t: Test, files: MapFiles): string[] {
  return readSiteMap(mapFolder(t, files)).problems.map(problemText);
}

const graph = (lif: object): MapFiles => ({ 'routes.lif.json': JSON.stringify(lif) });
const layout = (more: Partial<Lif['layouts'][number]>): MapFiles => graph(roomGraph(more));

t.test('a map that is right is read whole', async (t) => {
  const { map, problems } = readSiteMap(mapFolder(t));
  t.same(problems, []);
  t.same([map?.name, map?.nodes.size, map?.edges.size, map?.stations.size], ['Test house', 3, 4, 1]);
  t.equal(map?.edges.get('west-over')?.ways.get('any')?.lengthM, Math.hypot(3, 2.5));
  t.same(map?.floors.get('room')?.floorPlan.bounds, { min: [0, 0], max: [10, 6] });
});

t.test('the digest changes with each file and with nothing else', async (t) => {
  const digest = (files: MapFiles = {}) => readSiteMap(mapFolder(t, files)).digest;
  t.equal(digest(), digest());
  t.not(digest({ 'room.yaml': `${ROOM_YAML}\n` }), digest());
  t.equal(digest({ 'notes.txt': 'x' }), digest());
});

t.test('a file that is missing, or no YAML or JSON, is named', async (t) => {
  t.match(wrongs(t, { 'room.pgm': null }), [/^room\.pgm: error WP4801: cannot be read: ENOENT/]);
  t.match(wrongs(t, { 'site-map.yaml': null }), [/^site-map\.yaml: error WP4801/]);
  t.match(wrongs(t, { 'site-map.yaml': `${SITE_YAML}name: again\n` }), [/^site-map\.yaml:\d+: error WP4802/]);
  t.match(wrongs(t, { 'routes.lif.json': '{' }), [/^routes\.lif\.json: error WP4802/]);
});

t.test('what does not fit is said with file, line, path and what would be right', async (t) => {
  t.match(wrongs(t, { 'site-map.yaml': SITE_YAML.replace('speedMps: 1', 'speedMps: 0\nspeed: 1') }), [
    /^site-map\.yaml:6: error WP4803: speedMps /,
    /Unrecognized key: "speed"/,
  ]);
  t.match(wrongs(t, { 'room.yaml': ROOM_YAML.replace('[0, 0, 0]', '[0, 0]') }), [
    /^room\.yaml:3: error WP4804: origin/,
  ]);
  t.match(wrongs(t, { 'room.yaml': ROOM_YAML.replace('room.pgm', '../room.pgm') }), [
    /image name a picture in the same/,
  ]);
  t.match(wrongs(t, { 'room.yaml': ROOM_YAML.replace('0.196', '0.7') }), [
    /free_thresh must be less than occupied/,
  ]);
  t.match(wrongs(t, { 'room.pgm': 'P6\n1 1\n255\n' }), [/^room\.pgm: error WP4805: it begins with "P6"/]);
  const twice = SITE_YAML.replace(
    'graph:',
    '  - { id: room, name: Again, level: 0, plan: room.yaml }\ngraph:',
  );
  t.match(wrongs(t, { 'site-map.yaml': twice }), [/:5: error WP4803: floors\[1\]\.id is room/, /level is 0/]);
});

t.test('a LIF of another version or with fields of its own is refused, with the path', async (t) => {
  const { metaInformation, layouts } = roomGraph();
  t.match(wrongs(t, graph({ metaInformation: { ...metaInformation, lifVersion: '2.0.0' }, layouts })), [
    /WP4806: metaInformation\.lifVersion only LIF 1\.0/,
  ]);
  const [first] = layouts;
  const extended = [{ ...first, nodes: [{ ...node('a', 2, 2), magic: 1 }] }];
  t.match(wrongs(t, graph({ metaInformation, layouts: extended })), [
    /layouts\[0\]\.nodes\[0\] Unrecognized key/,
  ]);
  const many = [{ ...first, nodes: Array.from({ length: 30 }, () => ({})) }];
  t.match(wrongs(t, graph({ metaInformation, layouts: many })).at(-1), /has \d+ mistakes more/);
});

t.test('ids that are double or lead nowhere are errors', async (t) => {
  t.match(wrongs(t, layout({ nodes: [...(roomGraph().layouts[0]?.nodes ?? []), node('west', 3, 3)] })), [
    /WP4808: layouts\[0\]\.nodes\[3\]\.nodeId is west, as layouts\[0\]\.nodes\[0\]\.nodeId is/,
  ]);
  t.match(wrongs(t, layout({ edges: [...bothWays('west', 'over', 'east'), edge('east', 'moon')] })), [
    /edges\[4\]\.endNodeId is moon, which no layout has/,
  ]);
  t.match(wrongs(t, layout({ edges: [...bothWays('west', 'over', 'east'), edge('moon', 'east')] })), [
    /edges\[4\]\.startNodeId is moon, which this layout does not have/,
  ]);
  t.match(wrongs(t, layout({ edges: [...bothWays('west', 'over', 'east'), edge('east', 'east')] })), [
    /is where the edge starts/,
  ]);
  t.match(wrongs(t, layout({ stations: [{ stationId: 'x', interactionNodeIds: ['moon'] }] })), [
    /stations\[0\]\.interactionNodeIds\[0\] is moon/,
  ]);
});

t.test('a node off the plan, in a wall or on no floor is an error', async (t) => {
  const at = (x: number, y: number, more = {}) =>
    layout({
      nodes: [...(roomGraph().layouts[0]?.nodes ?? []), node('n', x, y, more)],
      edges: [...bothWays('west', 'over', 'east', 'n')],
    });
  t.match(
    wrongs(t, at(11, 2))[0],
    /error WP4809: layouts\[0\]\.nodes\[3\]\.nodePosition puts n at 11\.00, 2\.00 off the plan; the plan of room reaches from 0\.00, 0\.00 to 10\.00, 6\.00/,
  );
  t.match(wrongs(t, at(5.2, 1))[0], /error WP4809: .* puts n at 5\.20, 1\.00 into a wall/);
  t.match(
    wrongs(t, at(3, 3, { mapId: 'cellar' }))[0],
    /WP4809: .*mapId is on cellar, which is no floor of this site; use one of room/,
  );
  t.match(wrongs(t, at(3, 3, { mapId: undefined }))[0], /is on all, which is no floor/);
});

t.test(
  'an edge through a wall, and a node that cannot be left again, are warnings, and the map is used',
  async (t) => {
    const through = [...bothWays('west', 'over', 'east'), edge('west', 'east')];
    const read = readSiteMap(mapFolder(t, layout({ edges: through })));
    t.match(read.problems.map(problemText), [
      /warning WP4810: .*edges\[4\] leads west-east for any through a wall at 5\.00, 2\.00/,
    ]);
    t.ok(read.map);
    t.match(wrongs(t, layout({ edges: [...bothWays('west', 'over'), edge('over', 'east')] })), [
      /warning WP4813: layouts\[0\]\.nodes\[2\] of east: not to be reached/,
    ]);
  },
);

t.test('what LIF can say and planning does not weigh is said', async (t) => {
  const some = [
    ...bothWays('west', 'over'),
    edge('over', 'east', { rotationAtEndNodeAllowed: 'NONE' }),
    edge('east', 'over', { rotationAtEndNodeAllowed: 'CW' }),
  ];
  t.match(wrongs(t, layout({ edges: some })), [
    /warning WP4814: .*and 1 more edges give rotationAtEndNodeAllowed/,
  ]);
  const other = [
    ...bothWays('west', 'over', 'east'),
    edge('west', 'over', { vehicleTypeId: 'truck' }, 'for-trucks'),
  ];
  t.match(wrongs(t, layout({ edges: other })), [
    /warning WP4814: .*allows truck on for-trucks, but not at both/,
  ]);
});

t.test('a curve must have its knots, and lead from node to node', async (t) => {
  const curve = (knotVector: number[], x = 8) =>
    layout({
      edges: [
        ...bothWays('west', 'over'),
        edge('east', 'over'),
        edge('over', 'east', {
          trajectory: {
            degree: 2,
            knotVector,
            controlPoints: [
              { x: 5, y: 4.5 },
              { x: 8, y: 4.5 },
              { x, y: 2 },
            ],
          },
        }),
      ],
    });
  t.same(wrongs(t, curve([0, 0, 0, 1, 1, 1])), []);
  t.match(wrongs(t, curve([0, 0, 1, 1])), [
    /WP4806: .*trajectory\.knotVector has 4 knots; 3 control points of degree 2 need 6/,
  ]);
  t.match(
    wrongs(t, curve([0, 0, 0, 1, 1, 1], 7))[0],
    /WP4808: .*does not lead from its start node to its end node/,
  );
});

t.test(
  'a zone that crosses itself, lies off the plan or on no floor is an error, with its line',
  async (t) => {
    const zone = (text: string): MapFiles => ({
      'site-map.yaml': SITE_YAML.replace('zones: []', `zones:\n  - ${text}`),
    });
    t.same(wrongs(t, zone('{ id: a, map: room, kind: no-go, polygon: [[6, 1], [7, 1], [7, 1.5]] }')), []);
    t.match(wrongs(t, zone('{ id: a, map: room, kind: no-go, polygon: [[1, 1], [2, 2], [2, 1], [1, 2]] }')), [
      /^site-map\.yaml:10: error WP4815: zones\[0\]\.polygon crosses itself: the side after corner 1 meets/,
    ]);
    t.match(wrongs(t, zone('{ id: a, map: room, kind: quiet, polygon: [[1, 1], [12, 1], [2, 2]] }')), [
      /corner 2 at 12, 1, off the plan of room/,
    ]);
    t.match(wrongs(t, zone('{ id: a, map: attic, kind: quiet, polygon: [[1, 1], [2, 1], [2, 2]] }')), [
      /map is attic, which is no floor/,
    ]);
    t.match(
      wrongs(t, zone('{ id: a, map: room, kind: slow, maxSpeedMps: 2, polygon: [[1, 1], [2, 1], [2, 2]] }')),
      [/warning WP4816/],
    );
    t.match(
      wrongs(t, zone('{ id: a, map: room, kind: speak, say: {}, polygon: [[1, 1], [2, 1], [2, 2]] }')),
      [/WP4803: zones\[0\]\.say say it in at least one/],
    );
    t.match(wrongs(t, zone('{ id: a, map: room, kind: no-go, polygon: [[7, 1], [9, 1], [9, 3], [7, 3]] }')), [
      /WP4812: .*puts east at 8\.00, 2\.00 into the no-go zone a/,
      /WP4812: .*leads over-east through the no-go zone a/,
      /WP4812: .*leads east-over through/,
    ]);
  },
);

t.test('a fixed device stands on its plan, once, and its node is there', async (t) => {
  const devices = (text: string): MapFiles => ({ 'site-map.yaml': `${SITE_YAML}devices:\n${text}` });
  t.same(wrongs(t, devices('  - { device: pillar-1, map: room, x: 1, y: 1, node: west }\n')), []);
  t.match(wrongs(t, devices('  - { device: pillar-1, map: room, x: 100, y: 1 }\n')), [
    /:11: error WP4803: devices\[0\]\.x puts it/,
  ]);
  t.match(wrongs(t, devices('  - { device: pillar-1, map: room, x: 1, y: 1, node: moon }\n')), [
    /node is moon/,
  ]);
  const twice = '  - { device: a, map: room, x: 1, y: 1 }\n'.repeat(2);
  t.match(wrongs(t, devices(twice)), [/devices\[1\]\.device is a a second time/]);
});
