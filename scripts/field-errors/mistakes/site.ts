import type { Mistake, Topic } from '../mistake.ts';
import { PASSPHRASE } from '../scene.ts';
import { full, withoutPower, writeProtected } from '../surroundings.ts';

const INIT = ['site', 'init', 'north', '--data', 'var/north', '--host', 'site.example'];
const input = `${PASSPHRASE}\n`;

const mistakes: readonly Mistake[] = [
  {
    title: 'The clock of the laptop says 1970',
    ...{ words: INIT, input, clockMs: 0, code: 'WP4405', exit: 1 },
  },
  {
    title: 'The passphrase is a short one',
    ...{ words: INIT, input: 'lantern\n', code: 'WP4403', exit: 1 },
  },
  {
    title: 'No passphrase is given, by a script that has no terminal',
    ...{ words: INIT, code: 'WP5035', exit: 1 },
  },
  {
    title: 'The site was made already',
    ...{ words: ['site', 'init', 'mall', '--data', 'var/mall', '--host', 'site.example'], input },
    ...{ code: 'WP4401', exit: 1 },
  },
  {
    title: 'The name of the site has capitals and a blank',
    ...{ words: ['site', 'init', 'North Mall', '--data', 'var/north', '--host', 'site.example'], input },
    ...{ code: 'WP5024', exit: 2 },
  },
  {
    title: 'An address with its scheme is given for a host',
    ...{ words: ['site', 'init', 'north', '--data', 'var/north', '--host', 'https://site.example'], input },
    ...{ code: 'WP4411', exit: 1 },
  },
  {
    title: 'No host is named',
    ...{ words: ['site', 'init', 'north', '--data', 'var/north'], input, code: 'WP5024', exit: 2 },
  },
  {
    title: 'The disk of the laptop is full',
    ...{ words: INIT, input, around: full('var'), code: 'WP5010', exit: 1 },
  },
  {
    title: 'The site is to go where one may not write',
    stage: (stage) => stage.chmod('var', 0o555),
    ...{ words: INIT, input, around: withoutPower, code: 'WP5010', exit: 1 },
  },
  {
    title: 'The folder of the site lies on a stick that is write-protected',
    ...{ words: ['site', 'renew', '--data', 'var/mall'], around: writeProtected('var') },
    ...{ code: 'WP4402', exit: 1 },
  },
];

export const SITE: Topic = { heading: 'Making a site', mistakes };
