import { join } from 'node:path';
import t from 'tap';
import { buildConsole } from '#scripts/commands/build-console.ts';
import { startRollout, uploadBundle } from '#scripts/fleet/site-client.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { writeFleetBundle } from '#test/support/fleet-bundles.ts';
import { MqttDevice } from '#test/support/mqtt-device.ts';
import { TestSite } from '#test/support/site.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';

t.test(
  'the console shows what devices run, and goes past a roll-out that has halted',
  { skip: noBrowser },
  async (t) => {
    await buildConsole();
    const browser = await launchBrowser();
    t.teardown(() => browser.close());
    const site = await TestSite.make(t);
    await site.startBroker();
    const broker = { dataDir: join(site.dir, 'broker') };
    const connect = (device: string, trial: 'confirmed' | 'rejected') =>
      MqttDevice.connect(t, {
        ...{ address: { site: SITE_ID, device }, port: site.mqttPort, folder: join(site.dir, device), trial },
      });
    const first = await connect('p-1', 'confirmed');
    await connect('p-2', 'rejected');
    const bundles: string[] = [];
    for (const name of ['p-1', 'p-2']) {
      bundles.push((await uploadBundle(broker, writeFleetBundle(site.dir, `${SITE_ID}.${name}`))).sha256);
    }
    await startRollout(broker, { name: 'autumn', bundles, canary: 2 });
    const { page, complaints } = await openPage(
      browser,
      `http://127.0.0.1:${site.httpPort}/#token=${site.token}`,
      {
        locale: 'en',
      },
    );
    await page.getByRole('button', { name: 'Fleet' }).click();
    const dialog = page.getByRole('dialog', { name: 'Fleet' });
    await dialog.getByText('autumn: halted').waitFor({ timeout: 60_000 });
    await dialog.getByRole('row', { name: /demo\.p-1 .* as given/ }).waitFor();
    await dialog.getByRole('row', { name: /demo\.p-2 .* gave it up, the one before runs/ }).waitFor();
    await dialog.getByText('demo.p-2: WP4216').waitFor();
    await dialog.getByRole('button', { name: 'End' }).click();
    await dialog.getByText('autumn: ended early').waitFor({ timeout: 60_000 });
    t.equal(await dialog.getByRole('button', { name: 'Go on' }).count(), 0);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Fleet' }).click();
    await dialog.getByText('autumn: ended early').waitFor();
    await first.press();
    // It closes by itself: whoever calls for help comes first.
    await dialog.waitFor({ state: 'hidden', timeout: 60_000 });
    t.same(complaints, []);
  },
);
