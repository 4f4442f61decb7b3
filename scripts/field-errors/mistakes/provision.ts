import type { Mistake, Topic } from '../mistake.ts';
import { full, withoutPower, writeProtected } from '../surroundings.ts';

/** `pillar-002` goes on a card that nothing is on. */
const provision = (...more: string[]): readonly string[] => [
  ...['provision', 'pillar-002', '--site', 'var/mall', '--to', 'empty-card', '--place', 'North gate'],
  ...more,
];
const NEW = provision();

const mistakes: readonly Mistake[] = [
  {
    title: 'The card is not in the reader',
    words: ['provision', 'pillar-002', '--site', 'var/mall', '--to', '/media/card', '--place', 'North gate'],
    ...{ code: 'WP4407', exit: 1 },
  },
  {
    title: 'The card is full',
    ...{ words: NEW, around: full('empty-card', 'may be begun'), code: 'WP4407', exit: 1 },
  },
  {
    title: 'The card is write-protected',
    ...{ words: NEW, around: writeProtected('empty-card'), code: 'WP4407', exit: 1 },
  },
  {
    title: 'The card belongs to somebody else',
    stage: (stage) => stage.chmod('empty-card', 0o555),
    ...{ words: NEW, around: withoutPower, code: 'WP4407', exit: 1 },
  },
  {
    title: 'A file is named instead of the card',
    words: ['provision', 'pillar-002', '--site', 'var/mall', '--to', 'pillar.yaml', '--place', 'North gate'],
    ...{ code: 'WP4407', exit: 1 },
  },
  {
    title: 'The card of another device is in the reader',
    words: ['provision', 'pillar-002', '--site', 'var/mall', '--to', 'card', '--place', 'North gate'],
    ...{ code: 'WP4413', exit: 1 },
  },
  {
    title: 'The device has its certificate already, on another card',
    words: ['provision', 'pillar-001', '--site', 'var/mall', '--to', 'empty-card', '--place', 'North gate'],
    ...{ code: 'WP4406', exit: 1 },
  },
  {
    title: 'The folder that is named is no site',
    words: ['provision', 'pillar-002', '--site', 'var', '--to', 'empty-card', '--place', 'North gate'],
    ...{ code: 'WP4402', exit: 1 },
  },
  {
    title: 'Everybody on the laptop can read the key that signs',
    stage: (stage) => stage.chmod('var/mall/authority/issuing.key', 0o644),
    ...{ words: NEW, code: 'WP4412', exit: 1 },
  },
  {
    title: 'The key that signs was not copied with the rest of the site',
    stage: (stage) => stage.remove('var/mall/authority/issuing.key'),
    ...{ words: NEW, code: 'WP4402', exit: 1 },
  },
  {
    title: 'The clock of the laptop says 1970',
    ...{ words: NEW, clockMs: 0, code: 'WP4405', exit: 1 },
  },
  {
    title: 'The clock of the laptop is 20 years ahead',
    ...{ words: NEW, clockMs: Date.UTC(2046, 5, 1), code: 'WP4410', exit: 1 },
  },
  {
    title: 'The place is left out',
    words: ['provision', 'pillar-002', '--site', 'var/mall', '--to', 'empty-card'],
    ...{ code: 'WP5024', exit: 2 },
  },
  {
    title: 'The name of the device has a blank',
    words: ['provision', 'Pillar 2', '--site', 'var/mall', '--to', 'empty-card', '--place', 'North gate'],
    ...{ code: 'WP5024', exit: 2 },
  },
  {
    title: 'The certificate is to live for ever',
    words: provision('--days', '99999'),
    code: 'WP5024',
    exit: 2,
  },
  {
    title: 'A latitude in degrees and minutes',
    words: provision('--latitude', '48 12'),
    code: 'WP5024',
    exit: 2,
  },
  { title: 'A role that there is none of', words: provision('--role', 'drone'), code: 'WP5024', exit: 2 },
  { title: 'An option with a letter too many', words: provision('--replacee'), code: 'WP5024', exit: 2 },
  {
    title: 'A device is revoked that the site has never heard of',
    words: ['identity', 'revoke', 'pillar-007', '--site', 'var/mall'],
    ...{ code: 'WP4409', exit: 1 },
  },
  {
    title: 'A device is registered before it was provisioned',
    words: ['identity', 'register', 'pillar-007', '--site', 'var/mall', '--place', 'North gate'],
    ...{ code: 'WP4409', exit: 1 },
  },
];

export const PROVISION: Topic = { heading: 'Provisioning a device', mistakes };
