import { leaveBundle } from '../bad-bundles.ts';
import type { Mistake, Topic } from '../mistake.ts';
import type { Stage } from '../stage.ts';

const ROOT = ['--root', 'var/mall/authority/bundle-root.json'] as const;
const GOOD = 'var/mall/bundles/pillar-001-1.wpb';
const verify = (file: string, ...more: string[]): readonly string[] => [
  'bundle',
  'verify',
  file,
  ...ROOT,
  ...more,
];

/** One bit of the last byte: of the content, or of the signature where there is none. */
function flip(stage: Stage, at: (size: number) => number): void {
  const bytes = stage.bytes(GOOD);
  const index = at(bytes.length);
  bytes.writeUInt8((bytes[index] ?? 0) ^ 1, index);
  stage.write('bad.wpb', bytes);
}

const mistakes: readonly Mistake[] = [
  { title: 'There is no such bundle', words: verify('pillar-001-7.wpb'), code: 'WP4101', exit: 1 },
  { title: 'Another file is taken for a bundle', words: verify('pillar.yaml'), code: 'WP4101', exit: 1 },
  {
    title: 'The copy of a bundle was cut off',
    stage: (stage) => stage.write('bad.wpb', stage.bytes(GOOD).subarray(0, -1)),
    ...{ words: verify('bad.wpb'), code: 'WP4101', exit: 1 },
  },
  {
    title: 'One bit of the content fell over on a bad stick',
    stage: (stage) => flip(stage, (size) => size - 1),
    ...{ words: verify('bad.wpb'), code: 'WP4109', exit: 1 },
  },
  {
    title: 'Nobody has signed',
    stage: async (stage) => {
      stage.remove('var/mall/authority/signing.key');
      await leaveBundle(stage);
    },
    ...{ words: verify('bad.wpb'), code: 'WP4102', exit: 1 },
  },
  {
    title: 'The bundle was signed by another site',
    stage: (stage) => leaveBundle(stage, { site: 'other' }),
    ...{ words: verify('bad.wpb'), code: 'WP4104', exit: 1 },
  },
  {
    title: 'The bundle is for another device',
    words: verify(GOOD, '--device', 'mall.pillar-002'),
    ...{ code: 'WP4105', exit: 1 },
  },
  {
    title: 'The bundle lay in a drawer until it had expired',
    stage: (stage) => leaveBundle(stage, { madeDaysAgo: 400 }),
    ...{ words: verify('bad.wpb'), code: 'WP4107', exit: 1 },
  },
  {
    title: 'The bundle is for a newer version of the agent',
    stage: (stage) => leaveBundle(stage, { agent: '>=9.0.0' }),
    ...{ words: verify('bad.wpb', '--agent', '0.1.0'), code: 'WP4108', exit: 1 },
  },
  {
    title: 'A certificate is named instead of the root',
    words: ['bundle', 'verify', GOOD, '--root', 'var/mall/authority/root.crt'],
    ...{ code: 'WP4116', exit: 1 },
  },
  {
    title: 'A bundle is made over one that is there',
    words: [
      ...[
        'bundle',
        'make',
        GOOD,
        '--site-dir',
        'var/mall',
        '--device',
        'pillar-001',
        '--prepared',
        'prepared',
      ],
    ],
    ...{ code: 'WP4115', exit: 1 },
  },
  {
    title: 'The key that signs has another passphrase',
    stage: (stage) => stage.write('words', 'four loud lanterns at sea\n'),
    words: ['bundle', 'sign', GOOD, '--key', 'anna.key', '--passphrase-file', 'words'],
    ...{ code: 'WP4404', exit: 1 },
  },
  {
    title: 'A key signs that the site does not name',
    words: ['bundle', 'sign', GOOD, '--key', 'anna.key', '--passphrase-file', 'anna.words'],
    ...{ code: 'WP4103', exit: 1 },
  },
];

export const BUNDLES: Topic = { heading: 'Making and checking a bundle', mistakes };
