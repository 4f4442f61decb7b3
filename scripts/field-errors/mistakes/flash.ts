import { hostname, userInfo } from 'node:os';
import { TargetLock } from '../../flash/lock.ts';
import { confirmOn, leaveBundle } from '../bad-bundles.ts';
import { makeFat } from '../media.ts';
import type { Mistake, Topic } from '../mistake.ts';
import type { Stage } from '../stage.ts';
import { full, withoutPower, writeProtected } from '../surroundings.ts';

const GOOD = 'var/mall/bundles/pillar-001-1.wpb';
const flash = (bundle: string, to: string, ...more: string[]): readonly string[] => [
  ...['flash', bundle, '--to', to, '--yes'],
  ...more,
];
const bad = (to = 'card') => flash('bad.wpb', to);

const mistakes: readonly Mistake[] = [
  { title: 'The card is not in the reader', words: flash(GOOD, '/media/card'), code: 'WP4301', exit: 1 },
  {
    title: 'A script flashes without saying that it may',
    ...{ words: ['flash', GOOD, '--to', 'card'], code: 'WP4303', exit: 1 },
  },
  { title: 'The target is left out', words: ['flash', GOOD], code: 'WP5024', exit: 2 },
  {
    title: 'The folder is no device’s',
    ...{ words: flash(GOOD, 'empty-card'), code: 'WP4302', exit: 1 },
  },
  {
    title: 'The card of another device is in the reader',
    stage: (stage) => leaveBundle(stage, { device: 'pillar-002' }),
    ...{ words: bad(), code: 'WP4105', exit: 1 },
  },
  {
    title: 'The bundle was signed by another site',
    stage: (stage) => leaveBundle(stage, { site: 'other' }),
    ...{ words: bad(), code: 'WP4104', exit: 1 },
  },
  {
    title: 'Nobody has signed the bundle',
    stage: async (stage) => {
      stage.remove('var/mall/authority/signing.key');
      await leaveBundle(stage);
    },
    ...{ words: bad(), code: 'WP4102', exit: 1 },
  },
  {
    title: 'The bundle has expired',
    stage: (stage) => leaveBundle(stage, { madeDaysAgo: 400 }),
    ...{ words: bad(), code: 'WP4107', exit: 1 },
  },
  {
    title: 'The bundle is older than what the device has confirmed',
    stage: async (stage) => {
      await leaveBundle(stage);
      await confirmOn(stage, 'bad.wpb');
    },
    ...{ words: flash(GOOD, 'card'), code: 'WP4106', exit: 1 },
  },
  {
    title: 'The card is full',
    ...{ words: flash(GOOD, 'card'), around: full('card'), code: 'WP4306', exit: 1 },
  },
  {
    title: 'The card is write-protected',
    ...{ words: flash(GOOD, 'card'), around: writeProtected('card'), code: 'WP4307', exit: 1 },
  },
  {
    title: 'The card belongs to somebody else',
    stage: (stage) => stage.chmod('card/slots', 0o555),
    ...{ words: flash(GOOD, 'card'), around: withoutPower, code: 'WP4315', exit: 1 },
  },
  {
    title: 'Two technicians flash one card',
    stage: holdLock,
    ...{ words: flash(GOOD, 'card'), code: 'WP4308', exit: 1 },
  },
  {
    title: 'The slots of the card are gone',
    stage: (stage) => stage.remove('card/slots'),
    ...{ words: flash(GOOD, 'card'), code: 'WP4201', exit: 1 },
  },
  {
    title: 'The image has no FAT',
    stage: (stage) => stage.write('stick.img', Buffer.alloc(1_000_000)),
    ...{ words: flash(GOOD, 'stick.img'), code: 'WP4305', exit: 1 },
  },
  {
    title: 'The stick is too small',
    stage: (stage) => makeFat(stage, { name: 'stick.img', kibibytes: 100, freeBytes: 1000 }),
    ...{ words: flash(GOOD, 'stick.img'), code: 'WP4306', exit: 1 },
  },
  {
    title: 'The image may not be written',
    stage: (stage) => {
      makeFat(stage, { name: 'stick.img', kibibytes: 100, freeBytes: null });
      stage.chmod('stick.img', 0o444);
    },
    ...{ words: flash(GOOD, 'stick.img'), around: withoutPower, code: 'WP4315', exit: 1 },
  },
  {
    title: 'No board is at the port',
    ...{ words: flash(GOOD, 'board:/dev/ttyACM9', '--board', 'uno'), code: 'WP4330', exit: 1 },
  },
  {
    title: 'The device is not reached by ssh',
    ...{ words: flash(GOOD, 'ssh://anna@127.0.0.1:1/srv/card'), code: 'WP4320', exit: 1 },
  },
  {
    title: 'A device over the network, and no site is named',
    ...{ words: flash(GOOD, 'mqtt:pillar-001'), code: 'WP4602', exit: 1 },
  },
  {
    title: 'A device over the network, and the broker does not run',
    ...{ words: flash(GOOD, 'mqtt:pillar-001', '--site', 'var/mall'), code: 'WP3607', exit: 1 },
  },
  {
    title: 'A row of the list names a bundle that there is none of',
    stage: (stage) =>
      stage.write('list.csv', `device,bundle,to\npillar-001,${GOOD},card\npillar-002,pilar.wpb,card2\n`),
    ...{ words: ['flash', '--batch', 'list.csv', '--yes'], code: 'WP4340', exit: 1 },
  },
];

/** Another technician, on this machine: the program that makes the mistakes. */
function holdLock(stage: Stage): void {
  const lock = TargetLock.take(stage.path('card'));
  stage.onClose(() => lock.release());
  stage.stands(`${userInfo().username} on ${hostname()}`, 'anna on laptop-2');
}

export const FLASH: Topic = { heading: 'Flashing', mistakes };
