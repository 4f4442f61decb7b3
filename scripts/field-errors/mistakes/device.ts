import { confirmOn } from '../bad-bundles.ts';
import type { Mistake, Topic } from '../mistake.ts';
import { startSite } from '../other-programs.ts';
import { run } from '../run.ts';

const GOOD = 'var/mall/bundles/pillar-001-1.wpb';
/** As the agent connects. */
const connect = (identity: string): readonly string[] => [
  ...['doctor', '--identity', identity, '--broker', 'mqtts://localhost:{mqtts}'],
];

const mistakes: readonly Mistake[] = [
  {
    title: 'The agent is sent to a folder that is no device’s',
    ...{ words: ['agent', '--card', 'empty-card'], code: 'WP4211', exit: 1 },
  },
  {
    title: 'The card has no bundle yet',
    ...{ words: ['agent', '--card', 'card'], code: 'WP4213', exit: 1 },
  },
  {
    title: 'The agent is given a name that there cannot be',
    words: [
      'agent',
      '--profile',
      'pillar.yaml',
      '--device',
      'Pillar 1',
      '--site',
      'mall',
      '--data',
      'card/data',
    ],
    ...{ code: 'WP5024', exit: 2 },
  },
  {
    title: 'The slots of another folder are asked for',
    ...{ words: ['slots', 'show', '--card', 'empty-card'], code: 'WP4211', exit: 1 },
  },
  {
    title: 'The device was revoked',
    stage: async (stage) => {
      await confirmOn(stage, GOOD);
      await run({ words: ['identity', 'revoke', 'pillar-001', '--site', 'var/mall'], cwd: stage.dir });
      await startSite(stage, 'var/mall/broker');
    },
    ...{ words: connect('card/identity'), code: 'WP4715', exit: 1, shows: 'its line' },
  },
  {
    title: 'The card is one of another site',
    stage: async (stage) => startSite(stage, 'var/other/broker'),
    ...{ words: connect('card/identity'), code: 'WP4715', exit: 1, shows: 'its line' },
  },
  {
    title: 'A device is commissioned by a script that has no answers',
    ...{ words: ['commission', 'pillar-001', '--site', 'var/mall'], code: 'WP4526', exit: 1 },
  },
  {
    title: 'A device is commissioned while the broker does not run',
    words: ['commission', 'pillar-001', '--site', 'var/mall', '--sim', 'card', '--by', 'A. Technician'],
    ...{ code: 'WP3607', exit: 1 },
  },
  {
    title: 'Another file is taken for a commissioning certificate',
    ...{ words: ['commission', 'verify', 'pillar.yaml', '--site', 'var/mall'], code: 'WP4517', exit: 1 },
  },
  {
    title: 'The fleet is asked for, and no site is named',
    ...{ words: ['fleet', 'status'], code: 'WP4602', exit: 1 },
  },
];

export const DEVICE: Topic = { heading: 'The device, and its commissioning', mistakes };
