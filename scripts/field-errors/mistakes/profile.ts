import type { ErrorCode } from '#contract/errors.ts';
import type { Mistake, Topic } from '../mistake.ts';
import { PROFILE } from '../scene.ts';

const LINT = ['profile', 'lint', 'pillar.yaml'] as const;

/** `profile lint` of a profile in which a line was written as it should not be. */
const written = (title: string, code: ErrorCode, [right, wrong]: readonly [string, string]): Mistake => ({
  ...{ title, words: LINT, code, exit: 1 },
  stage: (stage) => stage.write('pillar.yaml', PROFILE.replace(right, wrong)),
});

const BUTTON = '{ name: button, kind: button, with: { driver: sim } }';
const LAMP = 'lamp: { driver: sim }';
const UNO = 'boards:\n  - { name: uno, with: { driver: firmata, model: uno, port: /dev/ttyACM0 } }\n';
const tamper = (line: number) =>
  `{ name: case, kind: tamper, with: { driver: gpio, chip: pinctrl-bcm2711, line: ${line} } }`;

const mistakes: readonly Mistake[] = [
  {
    title: 'The profile is not where it is said to be',
    ...{ words: ['profile', 'lint', 'pilar.yaml'], code: 'WP4001', exit: 1 },
  },
  written('A tabulator in the profile', 'WP4002', ['languages:', '\tlanguages:']),
  written('A key of the profile is misspelt', 'WP4003', ['lamp:', 'lmap:']),
  written('A pin that the board does not have', 'WP4040', [
    LAMP,
    `${UNO}lamp: { driver: firmata, board: uno, pin: 44 }`,
  ]),
  written('Two parts on one line of a chip', 'WP4015', [
    BUTTON,
    `{ name: button, kind: button, with: { driver: gpio, chip: pinctrl-bcm2711, line: 17 } }\n  - ${tamper(17)}`,
  ]),
  written('A part on a board that the profile does not have', 'WP4010', [
    LAMP,
    'lamp: { driver: firmata, board: uno, pin: 5 }',
  ]),
  written('A driver that there is none of', 'WP4007', ['driver: sim } }', 'driver: gpiod } }']),
  written('A language that nothing is translated into', 'WP4043', ['[en]', '[en, sv]']),
  written('A siren is asked for and there is none', 'WP4059', ['siren: false', 'siren: true']),
  {
    title: 'Alarms are to be kept longer than the site’s law allows',
    stage: (stage) =>
      stage.write('site.yaml', 'siteVersion: 1\nlaw: { alarmDaysMax: 1 }\ndevices:\n  pillar-001: {}\n'),
    words: [...LINT, '--site-file', 'site.yaml', '--device', 'pillar-001'],
    ...{ code: 'WP4048', exit: 1 },
  },
  {
    title: 'A device that the site’s file does not name',
    stage: (stage) => stage.write('site.yaml', 'siteVersion: 1\ndevices:\n  pillar-001: {}\n'),
    words: [...LINT, '--site-file', 'site.yaml', '--device', 'pillar-010'],
    ...{ code: 'WP4006', exit: 1 },
  },
  {
    title: 'The voice was never rendered into the device’s folder',
    words: [...LINT, '--voice', 'card'],
    ...{ code: 'WP2503', exit: 1 },
  },
  {
    title: 'A path that the profile does not have',
    ...{ words: ['profile', 'explain', 'pillar.yaml', 'inputs[3]'], code: 'WP4073', exit: 1 },
  },
  {
    title: 'The profile of a bundle is wrong',
    stage: (stage) => stage.write('pillar.yaml', PROFILE.replace('kind: pillar', 'kind: piller')),
    words: ['bundle', 'make', '--site-dir', 'var/mall', '--device', 'pillar-001', '--profile', 'pillar.yaml'],
    ...{ code: 'WP4003', exit: 1 },
  },
  {
    title: 'A firmware for a board that the profile does not have',
    stage: (stage) => stage.write('uno.hex', ':00000001FF\n'),
    words: [
      ...['bundle', 'make', '--site-dir', 'var/mall', '--device', 'pillar-001', '--prepared', 'prepared'],
      ...['--firmware', 'uno=uno.hex'],
    ],
    ...{ code: 'WP4114', exit: 1 },
  },
];

export const PROFILES: Topic = { heading: 'Writing a profile', mistakes };
