import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CARD } from '#contract/device-card.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { folder, watchpost } from '#test/scripts/flash/kit.ts';
import { sshStandIn } from '#test/scripts/flash/ssh-stand-in.ts';
import { until } from '#test/support/site.ts';
import { startSite } from './support/bench.ts';
import { CardDevice, DEVICE } from './support/card-device.ts';

t.setTimeout(300_000);

t.test(
  'one device, one bundle after another: by its card, by a stick, by ssh, over the network',
  async (t) => {
    const site = await startSite(t);
    const device = await CardDevice.at(t, site);
    const { card } = device;
    const stick = folder(t);
    const facts = join(card.dir, CARD.facts);
    writeFileSync(facts, JSON.stringify({ ...JSON.parse(readFileSync(facts, 'utf8')), inbox: stick }));
    writeFileSync(join(stick, 'WPA.WPB'), 'of an older site');
    const flash = async (generation: number, to: string, ...more: string[]) => {
      const ran = await watchpost(
        ['flash', device.bundle(generation), '--to', to, '--yes', ...more],
        sshStandIn(folder(t)),
      );
      t.match(ran, { code: 0 }, ran.err);
    };
    const confirmed = (generation: number) =>
      until(`generation ${generation} is confirmed`, async () => {
        const { body } = await site.request('GET', `devices/${SITE_ID}.${DEVICE}`);
        const { bundle } = Object(body).state ?? {};
        return bundle?.state === 'confirmed' && bundle.generation === generation;
      });

    await flash(1, card.dir);
    await device.start();
    await confirmed(1);
    await flash(2, stick);
    await confirmed(2);
    await flash(3, `ssh://root@${DEVICE}${card.dir}`);
    await confirmed(3);
    const authority = join(site.dir, 'authority');
    mkdirSync(authority);
    for (const file of [join(site.dir, 'broker/bundle-root.json'), join(authority, 'bundle-root.json')]) {
      writeFileSync(file, JSON.stringify(card.chain));
    }
    await flash(4, `mqtt:${DEVICE}`, '--site', site.dir);
    await confirmed(4);
    t.equal(
      (await site.events('wp.profile.rejected.v1')).length,
      1,
      'what was no bundle on the stick, and nothing else',
    );
  },
);
