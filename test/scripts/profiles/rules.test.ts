import t from 'tap';
import { RULES } from '#scripts/profiles/rules/rules.ts';
import { GOOD, type Linted, lintText } from './lint-support.ts';

const SITE = `siteVersion: 1
devices:
  d: { place: { label: gate, latitude: 1, longitude: 2 } }
`;
const CAMERA = `camera:
  name: front
  width: 320
  framesPerSecond: 10
  dwellS: 60
  with: { driver: gstreamer, source: 'test://' }
`;
const UNO = 'boards: [{ name: b, with: { driver: firmata, port: /dev/ttyACM0, model: uno } }]\n';
const input = (choice: string, kind = 'tamper'): string =>
  GOOD.replace(
    'lamp: { driver: sim }',
    `  - { name: second, kind: ${kind}, with: { ${choice} } }\nlamp: { driver: sim }`,
  );
const lamp = (choice: string): string => GOOD.replace('lamp: { driver: sim }', `lamp: { ${choice} }`);
const sensor = ([old, now]: readonly [string, string], choice = 'driver: sim'): string =>
  `${GOOD}sensors:
  - name: s
    unit: V
    periodS: 10
    deadband: 1
    atLeastEveryS: 300
    thresholds: [{ direction: above, limit: 5, clear: 4 }]
    with: { ${choice} }
`.replace(old, now);

interface Case {
  readonly what: string;
  readonly text: string;
  readonly code: string;
  readonly line: number;
  readonly path: string;
  /** What is to stand in the suggestion. */
  readonly hint: RegExp;
  readonly options?: Linted;
  /** What follows from the same mistake. */
  readonly also?: string;
}

const cases: readonly Case[] = [
  {
    what: 'a pin that an Uno does not have',
    text: input('driver: firmata, board: b, pin: 22') + UNO,
    code: 'WP4040',
    line: 10,
    path: 'inputs[1].with.pin',
    hint: /2 to 13 and A0 to A5/,
  },
  {
    what: 'a line that a Raspberry Pi does not have',
    text: lamp('driver: gpio, chip: pinctrl-bcm2711, line: 58'),
    code: 'WP4040',
    line: 10,
    path: 'lamp.line',
    hint: /0 to 57/,
  },
  {
    what: 'a pin of an Uno under its two names',
    text: `${input('driver: firmata, board: b, pin: 14')}siren: { driver: firmata, board: b, pin: A0 }\n${UNO}`,
    code: 'WP4041',
    line: 16,
    path: 'siren.pin',
    hint: /pin of its own/,
  },
  {
    what: 'a line of the header by name and by number',
    text: input('driver: gpio, chip: pinctrl-bcm2711, line: GPIO17').replace(
      'lamp: { driver: sim }',
      'lamp: { driver: gpio, chip: pinctrl-bcm2711, line: 17 }',
    ),
    code: 'WP4041',
    line: 11,
    path: 'lamp.line',
    hint: /pin of its own/,
  },
  {
    what: 'a chip by its number',
    text: input('driver: gpio, chip: gpiochip0, line: 4'),
    code: 'WP4042',
    line: 10,
    path: 'inputs[1].with.chip',
    hint: /gpiodetect/,
  },
  {
    what: 'a language that nothing is translated into',
    text: GOOD.replace('[en]', '[en, sv]').replace('{ en:', '{ sv: tryck, en:'),
    code: 'WP4043',
    line: 6,
    path: 'languages[1]',
    hint: /sv\.json/,
  },
  {
    what: 'a language whose catalogue lacks a prompt of the device',
    text: GOOD,
    code: 'WP4043',
    line: 6,
    path: 'languages[0]',
    hint: /en\.json/,
    options: {
      voices: {
        languages: new Map([
          [
            'en',
            {
              reader: { language: 'en', engine: { reads: 'text' } },
              missing: ['alarm.sent', 'robot.passing'],
            },
          ],
        ]),
        clips: null,
      },
    },
  },
  {
    what: 'a place without a name in a language of the device',
    text: `${GOOD.replace('[en]', '[en, ja]').replace('{ en:', '{ ja: x, en:')}guidance:
  places: [{ id: exit, direction: left, name: { en: Exit } }]
`,
    code: 'WP4044',
    line: 16,
    path: 'guidance.places[0].name',
    hint: /add them/,
  },
  {
    what: 'a name in letters that the engine does not read',
    text: `${GOOD.replace('[en]', '[ja]').replace('{ en:', '{ ja:')}guidance:
  places: [{ id: exit, direction: left, name: { ja: 出口 } }]
`,
    code: 'WP4045',
    line: 16,
    path: 'guidance.places[0].name.ja',
    hint: /kana/,
  },
  {
    what: 'a folder that lacks a clip',
    text: GOOD,
    code: 'WP4045',
    line: 6,
    path: 'languages[0]',
    hint: /prepare/,
    options: {
      voices: {
        languages: new Map([['en', { reader: { language: 'en', engine: { reads: 'text' } }, missing: [] }]]),
        clips: new Map([['en/alarm.pressed', 3000]]),
      },
    },
  },
  {
    what: 'a sensor kept more often than it is read',
    text: sensor(['atLeastEveryS: 300', 'atLeastEveryS: 5']),
    code: 'WP4046',
    line: 20,
    path: 'sensors[0].atLeastEveryS',
    hint: /10 or more/,
  },
  {
    what: 'slots for alarms that leave none for events',
    text: `${GOOD}link:\n  window: 4\n  alarmSlots: 4\n`,
    code: 'WP4046',
    line: 17,
    path: 'link.alarmSlots',
    hint: /write 1/,
  },
  {
    what: 'supervision slower than the test alarm',
    text: `${GOOD.replace('supervisionS: 60', 'supervisionS: 86400')}testEveryH: 12\n`,
    code: 'WP4046',
    line: 7,
    path: 'supervisionS',
    hint: /60/,
  },
  {
    what: 'a link tried again after the device counts as lost',
    text: `${GOOD}link: { backoffMaxS: 300 }\n`,
    code: 'WP4047',
    line: 15,
    path: 'link.backoffMaxS',
    hint: /60 or less/,
  },
  {
    what: 'smoke that is read once a minute',
    text: sensor(['limit: 5, clear: 4 }', 'limit: 5, clear: 4, alarm: smoke }']).replace(
      'periodS: 10',
      'periodS: 60',
    ),
    code: 'WP4047',
    line: 18,
    path: 'sensors[0].periodS',
    hint: /EN 54-2/,
  },
  {
    what: 'a debounce longer than a press',
    text: input('driver: gpio, chip: c, line: 4, debounceMs: 300', 'button'),
    code: 'WP4047',
    line: 10,
    path: 'inputs[1].with.debounceMs',
    hint: /20 or less/,
  },
  {
    what: 'a supervised button that is read too seldom',
    text: input(
      'driver: supervised, sensor: { driver: sim }, reads: ohm, normalOhm: 4700, pressedOhm: 1000, everyMs: 200',
      'button',
    ),
    code: 'WP4047',
    line: 10,
    path: 'inputs[1].with.everyMs',
    hint: /50 or less/,
  },
  {
    what: 'a sound test in the quiet of the night',
    text: `${GOOD}voice:
  timeZone: Asia/Shanghai
  volume: [{ from: "22:00", to: "06:00", db: -20 }]
  selfTest: { at: "23:30", microphone: { system: pulse } }
`,
    code: 'WP4047',
    line: 18,
    path: 'voice.selfTest.at',
    hint: /loud/,
  },
  {
    what: 'days for films that nobody makes',
    text: GOOD.replace('{ evidenceDays: 7 }', '{ evidenceDays: 7, clipDays: 3 }'),
    code: 'WP4047',
    line: 13,
    path: 'retention.clipDays',
    hint: /leave it out/,
  },
  {
    what: 'a prompt that is said again before it has ended',
    text: GOOD,
    code: 'WP4047',
    line: 12,
    path: 'panic.repeatEveryS',
    hint: /write 31 or more/,
    also: 'WP4045',
    options: {
      voices: {
        languages: new Map([['en', { reader: { language: 'en', engine: { reads: 'text' } }, missing: [] }]]),
        clips: new Map([['en/alarm.sent', 25_400]]),
      },
    },
  },
  {
    what: 'pictures kept longer than the law of the site allows',
    text: GOOD + CAMERA,
    code: 'WP4048',
    line: 13,
    path: 'retention.evidenceDays',
    hint: /write 3$/,
    options: { site: `${SITE}law: { evidenceDaysMax: 3 }\n` },
  },
  {
    what: 'pictures kept shorter than the law of the site demands',
    text: GOOD + CAMERA,
    code: 'WP4048',
    line: 13,
    path: 'retention.evidenceDays',
    hint: /write 30$/,
    options: { site: `${SITE}law: { evidenceDaysMin: 30 }\n` },
  },
  {
    what: 'a camera that no sign tells of',
    text: GOOD.replace('sign: { en: press for help }\n', '') + CAMERA,
    code: 'WP4050',
    line: 1,
    path: 'sign',
    hint: /sign: \{ en: … \}: that there is a camera/,
  },
  {
    what: 'a camera whose sign lacks a language of the site’s law',
    text: GOOD + CAMERA,
    code: 'WP4050',
    line: 14,
    path: 'sign',
    hint: /de: …/,
    options: { site: `${SITE}law: { signLanguages: [de] }\n` },
  },
  {
    what: 'a button without a sign',
    text: GOOD.replace('[en]', '[en, ja]'),
    code: 'WP4051',
    line: 14,
    path: 'sign',
    hint: /ja: … \}: what the button does/,
  },
  {
    what: 'a sensor that nobody reads',
    text: sensor(['    thresholds: [{ direction: above, limit: 5, clear: 4 }]\n', '']),
    code: 'WP4052',
    line: 16,
    path: 'sensors[0]',
    hint: /thresholds/,
  },
  {
    what: 'a board that no part is on',
    text: GOOD + UNO,
    code: 'WP4053',
    line: 15,
    path: 'boards[0]',
    hint: /board of a part/,
  },
  {
    what: 'the contact of a door that nothing asks',
    text: input('driver: sim', 'door'),
    code: 'WP4053',
    line: 10,
    path: 'inputs[1]',
    hint: /tailgating/,
  },
  {
    what: 'waypoints of a device that stands still',
    text: `${GOOD}waypoints: [{ name: hall, x: 1, y: 2 }]\n`,
    code: 'WP4053',
    line: 15,
    path: 'waypoints',
    hint: /camera/,
  },
  {
    what: 'a device of a site with simulated parts',
    text: GOOD,
    code: 'WP4054',
    line: 9,
    path: 'inputs[0].with',
    hint: /real drivers/,
    options: { site: SITE },
  },
  {
    what: 'a profile that is named otherwise than its file',
    text: GOOD.replace('name: p', 'name: q'),
    code: 'WP4055',
    line: 2,
    path: 'name',
    hint: /name: p$/,
  },
  {
    what: 'a sensor in another unit than is read',
    text: sensor(['', ''], 'driver: hwmon, device: ina226, channel: curr1'),
    code: 'WP4056',
    line: 17,
    path: 'sensors[0].unit',
    hint: /write A/,
  },
  {
    what: 'a threshold that comes back where it is crossed',
    text: sensor(['clear: 4', 'clear: 5']),
    code: 'WP4057',
    line: 21,
    path: 'sensors[0].thresholds[0].clear',
    hint: /deadbands/,
  },
  {
    what: 'a lamp that cannot be dimmed',
    text: lamp('driver: firmata, board: b, pin: 7') + UNO,
    code: 'WP4058',
    line: 10,
    path: 'lamp.pin',
    hint: /3, 5, 6/,
  },
  {
    what: 'a siren asked for that is not there',
    text: GOOD.replace('siren: false', 'siren: true'),
    code: 'WP4059',
    line: 12,
    path: 'panic.siren',
    hint: /add siren/,
  },
  {
    what: 'a robot that does not know where it is',
    text: GOOD.replace('kind: pillar', 'kind: robot'),
    code: 'WP4059',
    line: 3,
    path: 'kind',
    hint: /base/,
  },
];

t.test('a profile in order has no problem, alone and at a site without simulated parts', async (t) => {
  t.same(lintText(t, GOOD), []);
  t.same(lintText(t, GOOD + CAMERA), []);
  const law = `${SITE}law: { evidenceDaysMin: 7, evidenceDaysMax: 7, alarmDaysMax: 30, signLanguages: [en] }\n`;
  const problems = lintText(t, GOOD + CAMERA, { site: law });
  t.same(
    problems.map(({ code }) => code),
    ['WP4054'],
  );
});

for (const { what, text, code, line, path, hint, options, also } of cases) {
  t.test(`${code}: ${what}`, async (t) => {
    const problems = lintText(t, text, options);
    const problem = problems.find((each) => each.code === code);
    t.match(problem, { line, path, hint, file: /p\.yaml$/ });
    t.equal(problem?.severity, RULES.find((rule) => rule.code === code)?.severity);
    const others = problems.map((each) => each.code).filter((each) => each !== also && each !== 'WP4054');
    t.same(others.length > 0 ? others : ['WP4054'], [code], 'once, and nothing else');
  });
}

t.test('every rule finds something here', async (t) => {
  t.ok(RULES.length >= 17);
  const untried = RULES.map(({ code }) => code).filter((code) => !cases.some((each) => each.code === code));
  t.same(untried, []);
});
