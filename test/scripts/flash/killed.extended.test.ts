import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { LossyDisk, type Survival } from '#test/fault/power-loss/lossy-disk.ts';
import { seeded } from '#test/support/random.ts';
import { cardVictim, imageVictim, killAtSteps, killAtTimes, lengthOf, type Toll } from './kills.ts';
import { folder, killedProcess, NO_FAT, storeOf, TestBundles, watchpost } from './kit.ts';
import { NO_TRACE } from './write-trace.ts';

t.setTimeout(1_800_000);

const SEED = 20261122;
const RANDOM_KILLS = 40;
const POWER_CUTS = 24;
const noCard = { skip: NO_TRACE };
const noImage = { skip: NO_FAT === false ? NO_TRACE : NO_FAT };

const told = (what: string, { kills, before, after, bad }: Toll) =>
  `${what}: ${kills} kills, ${before} found the old, ${after} the new, ${bad.length} bad`;

t.test('killed before every step over a device’s folder', noCard, async (t) => {
  const toll = await killAtSteps(t, await cardVictim(t), 1);
  t.strictSame(toll.bad, []);
  t.ok(toll.before > 0 && toll.after > 0, told('folder, every step', toll));
});

t.test('killed before every step over an image', noImage, async (t) => {
  const toll = await killAtSteps(t, await imageVictim(t), 1);
  t.strictSame(toll.bad, []);
  t.ok(toll.before > 0, told('image, every step', toll));
});

t.test('killed at any time', noImage, async (t) => {
  for (const [what, victim] of [
    ['folder', await cardVictim(t)],
    ['image', await imageVictim(t)],
  ] as const) {
    const toll = await killAtTimes(victim, { kills: RANDOM_KILLS, random: seeded(SEED) });
    t.strictSame(toll.bad, []);
    t.ok(toll.kills === RANDOM_KILLS, told(`${what}, any time`, toll));
  }
});

t.test(
  'the power goes while a device’s folder is flashed: what was synced, or any of the rest with it, is a device that runs',
  { skip: LossyDisk.refusal() },
  async (t) => {
    const disk = LossyDisk.make(t);
    const random = seeded(SEED);
    const bundles = new TestBundles(folder(t));
    const made = await bundles.card('card');
    await watchpost(['flash', bundles.file('1.wpb', 1, 40_000), '--to', made, '--yes']);
    await storeOf(made).start();
    await storeOf(made).confirm();
    const two = bundles.file('2.wpb', 2, 400_000);
    const card = join(disk.dir, 'card');
    cpSync(made, card, { recursive: true });
    const wholeMs = await lengthOf(['flash', two, '--to', card, '--yes']);
    const found = { before: 0, after: 0 };
    for (let round = 0; round < POWER_CUTS; round += 1) {
      rmSync(card, { recursive: true, force: true });
      mkdirSync(disk.dir, { recursive: true });
      cpSync(made, card, { recursive: true });
      disk.powerOn();
      const survival: Survival = round % 2 === 0 ? 'synced' : 'torn';
      await killedProcess(
        ['flash', two, '--to', card, '--yes'],
        wholeMs / 2 + random(Math.ceil(wholeMs)),
        disk.env,
      );
      disk.cut(survival, random);
      const probe = join(disk.dir, '../probe');
      rmSync(probe, { recursive: true, force: true });
      cpSync(card, probe, { recursive: true });
      const started = await storeOf(probe).start();
      t.equal(started?.problem ?? null, null, `cut ${round}`);
      if (started?.manifest.generation === 1) found.before += 1;
      else if (started?.manifest.generation === 2) found.after += 1;
      t.match(await watchpost(['flash', two, '--to', card, '--yes']), { code: 0 }, `cut ${round}, once more`);
      t.match(await storeOf(card).state(), { trial: { slot: 'b' } });
    }
    t.equal(found.before + found.after, POWER_CUTS, `${POWER_CUTS} power cuts: ${JSON.stringify(found)}`);
  },
);
