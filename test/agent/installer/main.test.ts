import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { InstallOutcome } from '#agent/ports/installation.ts';
import { makeCard, type TestCard } from './card-kit.ts';

const MAIN = join(import.meta.dirname, '../../../agent/installer/main.ts');
const NOW = ['--clock', 'unset', '--now', '0'];

function install({ dir }: TestCard, files: readonly string[]): InstallOutcome {
  const said = execFileSync(process.execPath, [MAIN, '--card', dir, ...NOW, '--', ...files], {
    encoding: 'utf8',
  });
  return InstallOutcome.parse(JSON.parse(said));
}

function cutOff(file: string): string {
  truncateSync(file, readFileSync(file).length - 1);
  return file;
}

t.test(
  'a bundle that was cut off while it was copied keeps no whole one beside it from being installed',
  async (t) => {
    const card = await makeCard(t);
    const [whole, half] = [card.bundle(2), cutOff(card.bundle(3))];
    t.match(install(card, [half, whole]), { ok: true, generation: 2, state: 'trial', file: whole });
    await card.store.start();
    await card.store.confirm();
    t.match(
      install(card, [whole, half]),
      { ok: false, generation: 3, code: 'WP4101', file: half },
      'what runs already hides no refusal',
    );
    t.match(install(card, [whole, card.bundle(1)]), { ok: true, state: 'confirmed', generation: 2 });
  },
);

t.test('of several whole ones the newest is tried, and none is taken in its place', async (t) => {
  const card = await makeCard(t);
  t.match(install(card, [card.bundle(4), card.bundle(7), card.bundle(5)]), { ok: true, generation: 7 });
});
