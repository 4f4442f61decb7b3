import type { Mistake, Topic } from '../mistake.ts';
import { holdFolder, takePort } from '../other-programs.ts';
import { full } from '../surroundings.ts';

const DATA = 'var/mall/broker';
const broker = (...more: string[]): readonly string[] => [
  ...['broker', '--data', DATA, '--mqtts', '127.0.0.1:8883', '--http', '127.0.0.1:8080'],
  ...more,
];
/** On ports that are free. */
const ANYWHERE = ['broker', '--data', DATA, '--mqtts', '127.0.0.1:0', '--http', '127.0.0.1:0'];

const STARTED = 'It leaves what every start leaves in the database.';

const mistakes: readonly Mistake[] = [
  {
    title: 'The broker is told nowhere to listen for people',
    ...{ words: ['broker', '--data', DATA, '--mqtts', '0.0.0.0:8883'], code: 'WP5024', exit: 2 },
  },
  {
    title: 'Plain MQTT is to be open to the network',
    words: ['broker', '--data', DATA, '--mqtt', '0.0.0.0:1883', '--http', '127.0.0.1:8080'],
    ...{ code: 'WP5024', exit: 2 },
  },
  {
    title: 'The broker runs already',
    stage: (stage) => holdFolder(stage, DATA),
    ...{ words: broker(), code: 'WP5007', exit: 1, shows: 'its line' },
  },
  {
    title: 'Another program has the port',
    stage: (stage) => takePort(stage, 'taken'),
    words: ['broker', '--data', DATA, '--mqtts', '127.0.0.1:{taken}', '--http', '127.0.0.1:0'],
    ...{ code: 'WP3105', exit: 1, shows: 'its line', leaves: STARTED },
  },
  {
    title: 'The broker’s key was lost',
    stage: (stage) => stage.remove(`${DATA}/tls/server.key`),
    ...{ words: ANYWHERE, code: 'WP5009', exit: 1, shows: 'its line' },
  },
  {
    title: 'The list of what was taken back was lost',
    stage: (stage) => stage.remove(`${DATA}/tls/ca.crl`),
    ...{ words: ANYWHERE, code: 'WP3315', exit: 1, shows: 'its line', leaves: STARTED },
  },
  {
    title: 'The disk of the site is full',
    ...{
      words: ANYWHERE,
      around: full('var/mall/broker', 'may be begun'),
      code: 'WP3001',
      exit: 1,
      shows: 'its line',
    },
  },
  {
    title: 'The site’s configuration has a word for a number',
    stage: (stage) => stage.write('site.yaml', 'supervision:\n  defaultS: soon\n'),
    ...{ words: broker('--config', 'site.yaml'), code: 'WP5003', exit: 2, shows: 'its line' },
  },
  {
    title: 'People are listed while the broker does not run',
    ...{ words: ['people', 'list', '--data', DATA], code: 'WP3607', exit: 1 },
  },
  {
    title: 'The site’s folder is named where its broker’s is meant',
    ...{ words: ['people', 'list', '--data', 'var/mall'], code: 'WP5006', exit: 1 },
  },
  {
    title: 'A backup is to go into the folder that it is of',
    words: ['broker', 'backup', '--data', DATA, '--to', `${DATA}/copies`],
    ...{ code: 'WP3602', exit: 1 },
  },
  {
    title: 'Another file is restored than a backup',
    words: ['broker', 'restore', '--from', 'pillar.yaml', '--data', 'var/new'],
    ...{ code: 'WP3601', exit: 1, leaves: 'It leaves the new folder, with its lock and nothing else.' },
  },
];

export const SITE_RUNNING: Topic = { heading: 'Running a site', mistakes };
