import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { ROOT } from '#scripts/site/demo-site.ts';
import { TestSite, until } from '#test/support/site.ts';
import { NO_BOARD, TestBoard } from '../board/board.ts';

const DEVICE = 'pillar-001';

const profile = (port: string) => `profileVersion: 1
name: post
kind: pillar
description: a button, a lamp and a siren on one board
place: { label: here }
languages: [en]
supervisionS: 60
boards:
  - { name: post, with: { driver: firmata, port: ${port} } }
inputs:
  - { name: call, kind: button, with: { driver: firmata, board: post, pin: 2 } }
lamp: { driver: firmata, board: post, pin: 6 }
siren: { driver: firmata, board: post, pin: 8 }
speaker: { driver: wav }
panic: { siren: true }
retention: { evidenceDays: 7 }
`;

t.test(
  'a press on a board reaches the ledger, works lamp and siren, and outlives an unplugging',
  { skip: NO_BOARD, timeout: 180_000 },
  async (t) => {
    const board = await TestBoard.make(t);
    const site = await TestSite.make(t);
    const file = join(site.dir, 'post.yaml');
    writeFileSync(file, profile(board.port));
    await site.startBroker();
    const idle = board.next(6, (level) => level > 0 && level < 255);
    await site.startAgent(DEVICE, { profile: relative(ROOT, file) });
    await idle;
    t.pass('the lamp is dim while nothing is the matter');

    const sounds = board.next(8, (level) => level === 255);
    const blinks = board.next(6, (level) => level === 255).then(() => board.next(6, (level) => level === 0));
    await board.wire(2, 0);
    await Promise.all([sounds, blinks]);
    const [press] = await until('the press is in the ledger', async () => {
      const presses = await site.events('wp.panic.pressed.v1', DEVICE);
      return presses.length > 0 && presses;
    });
    t.match(press?.data, { input: 'call', cause: 'edge' });

    await board.unplug();
    await until('the loss is in the ledger', async () => {
      const told = await site.events('wp.health.changed.v1', DEVICE);
      const of = (part: string) => told.findLast(({ data }) => Object(data).part === part)?.data;
      const [onBoard, onInput] = [of('board:post'), of('input:call')];
      if (onBoard === undefined || onInput === undefined) return false;
      t.match(onBoard, { state: 'failed', code: 'WP2323', detail: /cable/ });
      t.match(onInput, { state: 'failed', code: 'WP2323' });
      return true;
    });
    const lit = board.next(6, (level) => level > 0);
    await board.plugIn();
    await lit;
    await until('both are told to work again', async () => {
      const told = await site.events('wp.health.changed.v1', DEVICE);
      const fine = told
        .filter(({ data }) => Object(data).state === 'ok')
        .map(({ data }) => Object(data).part);
      return fine.includes('board:post') && fine.includes('input:call');
    });

    await board.wire(2, 0);
    await until('a press after the loss is in the ledger too', async () => {
      const more = await site.events('wp.panic.repressed.v1', DEVICE);
      return more.length > 0;
    });
  },
);
