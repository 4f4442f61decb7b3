import t from 'tap';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { Watches } from '#agent/ports/vision-watches.ts';
import { watchProblems } from '#agent/profile/watch-problems.ts';

const SQUARE = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.9],
];
const LINE = [
  [0.2, 0.8],
  [0.6, 0.8],
];
const SOUND = {
  crowd: [{ name: 'exit', polygon: SQUARE, people: 25, clear: 20 }],
  loitering: [{ name: 'till', polygon: SQUARE, afterS: 60 }],
  tailgating: [{ name: 'door', line: LINE, input: 'lock' }],
  impairment: ['dark'],
  personHeights: [
    { foot: 0.4, height: 0.2 },
    { foot: 0.9, height: 0.4 },
  ],
};

function problemsOf(watches: object) {
  const camera = { watches: Watches.parse({ ...SOUND, ...watches }) };
  const inputs: Pick<DeviceProfile['inputs'][number], 'name' | 'kind'>[] = [
    { name: 'button', kind: 'button' },
    { name: 'lock', kind: 'door' },
  ];
  return watchProblems({ camera, inputs });
}

t.test('watches that can be watched have no problems', async (t) => {
  t.same(problemsOf({}), []);
  t.same(watchProblems({ inputs: [] }), [], 'nor has a device without a camera');
});

for (const [what, watches, expected] of [
  [
    'an area that crosses itself',
    {
      crowd: [
        {
          ...SOUND.crowd[0],
          polygon: [
            [0, 0],
            [1, 1],
            [1, 0],
            [0, 1],
          ],
        },
      ],
    },
    { code: 'WP2440', path: '.crowd[0].polygon' },
  ],
  [
    'an area without extent',
    {
      loitering: [
        {
          ...SOUND.loitering[0],
          polygon: [
            [0, 0],
            [0.5, 0.5],
            [1, 1],
          ],
        },
      ],
    },
    { code: 'WP2440', path: '.loitering[0].polygon' },
  ],
  [
    'a door without width',
    {
      tailgating: [
        {
          name: 'door',
          line: [
            [0.5, 0.5],
            [0.505, 0.5],
          ],
        },
      ],
    },
    { code: 'WP2441', path: '.tailgating[0].line' },
  ],
  [
    'a clear level above the limit',
    { crowd: [{ ...SOUND.crowd[0], clear: 30 }] },
    { code: 'WP2442', path: '.crowd[0].clear' },
  ],
  [
    'a door released by a button',
    { tailgating: [{ ...SOUND.tailgating[0], input: 'button' }] },
    { code: 'WP2443', path: '.tailgating[0].input' },
  ],
  [
    'a door released by nothing there is',
    { tailgating: [{ ...SOUND.tailgating[0], input: 'gate' }] },
    { code: 'WP2443', path: '.tailgating[0].input' },
  ],
  [
    'people measured in one row',
    {
      personHeights: [
        { foot: 0.5, height: 0.2 },
        { foot: 0.55, height: 0.25 },
      ],
    },
    { code: 'WP2442', path: '.personHeights' },
  ],
  [
    'people who shrink towards the camera',
    {
      personHeights: [
        { foot: 0.4, height: 0.4 },
        { foot: 0.9, height: 0.2 },
      ],
    },
    { code: 'WP2442', path: '.personHeights' },
  ],
] as const) {
  t.test(`${what} is refused`, async (t) => {
    t.match(problemsOf(watches), [expected]);
    t.equal(problemsOf(watches).length, 1);
  });
}
