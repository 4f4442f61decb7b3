import type { ErrorCode } from '#contract/errors.ts';
import type { Mistake, Topic } from '../mistake.ts';
import { PROFILE } from '../scene.ts';

const IDENTITY = ['doctor', '--identity', 'card/identity'] as const;

/** What doctor says of a machine that is to become this device. */
const profileWith = (title: string, code: ErrorCode, [right, wrong]: readonly [string, string]): Mistake => ({
  ...{ title, words: ['doctor', '--profile', 'pillar.yaml'], code, exit: 1, shows: 'its line' },
  stage: (stage) => stage.write('pillar.yaml', PROFILE.replace(right, wrong)),
});

const mistakes: readonly Mistake[] = [
  {
    title: 'Doctor is sent to a folder that is not there',
    ...{ words: ['doctor', '--data', 'nowhere'], code: 'WP4727', exit: 1, shows: 'its line' },
  },
  {
    title: 'The clock of the device was never set',
    ...{ words: ['doctor'], clockMs: 0, code: 'WP4702', exit: 1, shows: 'its line' },
  },
  {
    title: 'Nothing listens where the broker is looked for',
    words: [...IDENTITY, '--broker', 'mqtts://127.0.0.1:1'],
    ...{ code: 'WP4714', exit: 1, shows: 'its line' },
  },
  {
    title: 'Everybody can read the key of the device',
    stage: (stage) => stage.chmod('card/identity/key.pem', 0o644),
    ...{ words: IDENTITY, code: 'WP4709', exit: 1, shows: 'its line' },
  },
  {
    title: 'The certificate of the device has ended',
    ...{ words: IDENTITY, clockMs: Date.UTC(2046, 5, 1), code: 'WP4705', exit: 1, shows: 'its line' },
  },
  {
    title: 'The folder has no identity',
    ...{ words: ['doctor', '--identity', 'var'], code: 'WP2205', exit: 1, shows: 'its line' },
  },
  profileWith('The board of the profile is not plugged in', 'WP4720', [
    'lamp:',
    'boards:\n  - { name: uno, with: { driver: firmata, model: uno, port: /dev/ttyACM9 } }\nlamp:',
  ]),
  profileWith('The chip of the profile is not in this machine', 'WP2341', [
    'lamp: { driver: sim }',
    'lamp: { driver: gpio, chip: pinctrl-bcm2712, line: 17 }',
  ]),
  {
    title: 'A simulated device is pressed that does not run',
    ...{ words: ['sim', '--data', 'card/data', 'press'], code: 'WP2315', exit: 1 },
  },
  {
    title: 'Logs are to be collected from a folder that is not there',
    ...{ words: ['support', '--data', 'nowhere'], code: 'WP4727', exit: 1 },
  },
];

export const DOCTOR: Topic = { heading: 'Looking for what is wrong', mistakes };
