import fc from 'fast-check';
import t from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import type { Point, Zone } from '#agent/ports/vision-zones.ts';
import { ProfileError } from '#agent/profile/problem.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import { zoneProblems } from '#agent/profile/zone-problems.ts';
import { tinyCameraProfile } from '#test/support/tiny-profile.ts';

const square = (left: number, top: number, right: number, bottom: number): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];
const zone = (polygon: Point[], more: Partial<Zone> = {}): Zone => ({
  name: 'gate',
  kind: 'watch',
  polygon,
  ...more,
});

t.test('zones that can be drawn and agree have no problems', async (t) => {
  const lShape: Point[] = [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.9, 0.5],
    [0.5, 0.5],
    [0.5, 0.9],
    [0.1, 0.9],
  ];
  const zones = [
    zone(lShape),
    zone(square(0.1, 0.1, 0.2, 0.2), { name: 'bins', kind: 'ignore' }),
    zone(square(0, 0, 0.5, 0.5), { name: 'quick', kind: 'dwell', dwellS: 15 }),
  ];
  t.same(zoneProblems(zones), []);
  t.same(zoneProblems([]), []);
});

const wrong: [string, Zone[], object][] = [
  [
    'a bow tie',
    [
      zone([
        [0.1, 0.1],
        [0.9, 0.9],
        [0.9, 0.1],
        [0.1, 0.9],
      ]),
    ],
    { code: 'WP2465', path: '[0].polygon', message: /crosses itself: the side after corner 1 .* corner 3/ },
  ],
  [
    'a side that touches another',
    [
      zone([
        [0, 0],
        [1, 0],
        [1, 1],
        [0.5, 0],
        [0, 1],
      ]),
    ],
    { code: 'WP2465', message: /crosses itself/ },
  ],
  [
    'a side that runs back along the one before',
    [
      zone([
        [0, 0],
        [0.8, 0],
        [0.8, 0.8],
        [0.8, 0.3],
      ]),
    ],
    { code: 'WP2465', message: /crosses itself/ },
  ],
  [
    'corners on one line',
    [
      zone([
        [0.1, 0.1],
        [0.2, 0.2],
        [0.7, 0.7],
      ]),
    ],
    { code: 'WP2465', message: /no area/ },
  ],
  [
    'an outline closed by hand',
    [zone([...square(0, 0, 0.5, 0.5), [0, 0]])],
    { message: /the last repeats the first/ },
  ],
  [
    'a corner named twice',
    [
      zone([
        [0, 0],
        [0.5, 0],
        [0.5, 0],
        [0.5, 0.5],
      ]),
    ],
    { message: /number 3 repeats the one before/ },
  ],
  ['a speck', [zone(square(0.5, 0.5, 0.51, 0.51))], { code: 'WP2466' }],
  ['a hair', [zone(square(0.5, 0.1, 0.5005, 0.9))], { code: 'WP2466' }],
  [
    'a dwell zone without a time',
    [zone(square(0, 0, 1, 1), { kind: 'dwell' })],
    { code: 'WP2467', path: '[0]' },
  ],
  [
    'a dwell time where nothing is judged',
    [zone(square(0, 0, 0.5, 1), { kind: 'ignore', dwellS: 9 })],
    { path: '[0].dwellS' },
  ],
  [
    'a watch zone under ignore zones',
    [
      zone(square(0.2, 0.2, 0.8, 0.8)),
      zone(square(0, 0, 0.5, 1), { name: 'left', kind: 'ignore' }),
      zone(square(0.5, 0, 1, 1), { name: 'right', kind: 'ignore' }),
    ],
    { code: 'WP2467', path: '[0].polygon', message: /wholly within ignore/ },
  ],
  [
    'a picture ignored as a whole',
    [zone(square(0, 0, 1, 1), { kind: 'ignore' })],
    { code: 'WP2467', message: /whole picture/ },
  ],
];

for (const [what, zones, expected] of wrong) {
  t.test(`${what} is a problem, with what would be right`, async (t) => {
    const [problem, ...others] = zoneProblems(zones);
    t.match(problem, expected);
    t.same(others, []);
    t.ok((problem?.hint.length ?? 0) > 10);
  });
}

t.test('an outline that goes once around a middle never crosses itself, whatever its corners', async (t) => {
  const star = fc
    .array(fc.double({ min: 0.05, max: 0.45, noNaN: true }), { minLength: 4, maxLength: 12 })
    .map((radii) =>
      radii.map((radius, index): Point => {
        const angle = (2 * Math.PI * index) / radii.length;
        return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)];
      }),
    );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(star, (polygon) => zoneProblems([zone(polygon)]).length === 0),
      { numRuns: 100, seed: 3 },
    ),
  );
});

/** Line 21 of the profile. */
const GATE = '\n    - { name: gate, kind: watch, polygon: [[0, 0], [1, 0], [1, 1]] }\n';

const inProfile: [string, string, object][] = [
  ['pixels', '[640, 0]', { code: 'WP4003', path: 'camera.zones[1].polygon[0][0]', hint: /not pixels/ }],
  ['a corner left of the picture', '[-0.1, 0]', { code: 'WP4003', hint: /0 \(left, top\)/ }],
];
for (const [what, corner, expected] of inProfile) {
  t.test(`${what} in a profile is refused with its line`, async (t) => {
    const text = `    - { name: lift, kind: watch, polygon: [${corner}, [1, 0], [1, 1]] }\n`;
    t.match(problemIn(t.testdir(), text), { ...expected, line: 22 });
  });
}

t.test('zones that contradict are refused with file, line and path', async (t) => {
  const folder = t.testdir();
  t.match(problemIn(folder, '    - { name: gate, kind: watch, polygon: [[0, 0], [1, 0], [0, 1]] }\n'), {
    code: 'WP4009',
    line: 22,
    path: 'camera.zones[1].name',
  });
  t.match(problemIn(folder, '    - { name: b, kind: dwell, polygon: [[0, 0], [1, 0], [0, 1]] }\n'), {
    code: 'WP2467',
    line: 22,
    path: 'camera.zones[1]',
  });
  t.match(problemIn(folder, '    - name: b\n      kind: watch\n      polygon: [[0, 0], [1, 1]]\n'), {
    code: 'WP4003',
    line: 24,
    hint: 'a zone has at least three corners',
  });
  t.equal(problemIn(folder, ''), undefined);
});

function problemIn(folder: string, zone: string) {
  const file = tinyCameraProfile(folder, GATE + zone);
  try {
    resolveProfile({ file, drivers: DRIVER_SCHEMAS });
  } catch (error) {
    if (error instanceof ProfileError) return error.problems[0];
    throw error;
  }
  return undefined;
}
