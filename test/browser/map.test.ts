import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { buildConsole } from '#scripts/commands/build-console.ts';
import { brokerChild, placeDemoMap } from '#scripts/site/demo-site.ts';
import { freePort } from '#test/support/free-port.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';
import { MqttPillar } from './mqtt-pillar.ts';

const GROUND = 'central-mall-g';
const robotAt = (map: string, x: number, y: number, theta: number) => ({
  label: 'Central Mall, patrol',
  pose: { map, x, y, theta },
});

t.test('the map of the site', { skip: noBrowser }, async (t) => {
  await buildConsole();
  const browser = await launchBrowser();
  t.teardown(() => browser.close());

  const { pillar, robot, maps, address } = await mallWithDevices(t);
  const open = async (test: Test, options: Parameters<typeof openPage>[2] = {}) => {
    await robot.moveTo(robotAt(GROUND, 17, 9.5, 0));
    const opened = await openPage(browser, address, { locale: 'en', ...options });
    test.teardown(() => opened.page.context().close());
    await opened.page.locator('.connection.live').waitFor();
    return opened;
  };

  t.test('by keyboard: the map opens, a device is found on it, and its floor is left again', async (t) => {
    const { page, complaints, hosts } = await open(t);
    await page.keyboard.press('g');
    await page.getByRole('heading', { name: 'Central Mall' }).waitFor();
    await page.locator('.marker', { hasText: 'pillar-001' }).waitFor();
    await page.locator('.marker.online', { hasText: 'robot-001' }).waitFor();
    t.equal(await page.locator('image.plan').count(), 1);
    t.equal(await page.locator('.map-stage polygon.zone').count(), 4);
    t.ok((await page.locator('.routes polyline').count()) > 30);
    await page.locator('.map-list button', { hasText: 'robot-001' }).press('Enter');
    await page.locator('.marker.chosen', { hasText: 'robot-001' }).waitFor();
    const stage = page.locator('.map-stage > svg');
    const whole = page.locator(`.map-stage > svg[viewBox="${await stage.getAttribute('viewBox')}"]`);
    await stage.press('+');
    await whole.waitFor({ state: 'detached' });
    await stage.press('0');
    await whole.waitFor();
    await page.getByRole('button', { name: 'First floor' }).press('Enter');
    await page
      .locator('.map-list', { hasText: 'robot-001' })
      .getByRole('button', { name: 'Ground floor' })
      .waitFor();
    await page.locator('.marker').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.locator('.desk').waitFor();
    t.same(complaints, []);
    t.equal(hosts.size, 1);
  });

  t.test('a robot that moves is seen moving, and one on another floor is named there', async (t) => {
    const { page } = await open(t);
    await page.keyboard.press('g');
    const marker = page.locator('.marker', { hasText: 'robot-001' });
    await marker.waitFor();
    await robot.moveTo(robotAt(GROUND, 30, 20.5, Math.PI / 2));
    await page.locator('.marker[transform^="translate(30 -20.5)"]').waitFor();
    await robot.moveTo(robotAt('central-mall-1', 4, 15, 0));
    await marker.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'First floor' }).last().click();
    await marker.waitFor();
  });

  t.test('the way from a robot to where somebody pressed is drawn, with metres and seconds', async (t) => {
    const { page } = await open(t);
    await page.keyboard.press('g');
    await page.getByLabel('From').selectOption({ label: 'robot-001' });
    await page.getByLabel('To').selectOption({ label: 'pillar-001' });
    await page.getByText(/^\d+ m, about \d+ s for a robot$/).waitFor();
    t.ok((await page.locator('.way polyline').count()) >= 2);
    await pillar.press();
    await page.locator('.marker.alarmed', { hasText: 'pillar-001' }).waitFor();
    await page.getByRole('alert').waitFor();
    // Away from the choices, whose letters are their own.
    await page.getByRole('heading', { name: 'Central Mall' }).click();
    await page.keyboard.press('a');
    await page.keyboard.press('m');
    await page.locator('.alarm-banner').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Incident', exact: true }).click();
    await page.locator('.headline', { hasText: 'Open' }).waitFor();
    t.equal(
      await page.getByRole('button', { name: 'Acknowledge' }).count(),
      1,
      'what is not on show is not acknowledged',
    );
  });

  t.test('a phone shows the map and the list under it, and nothing runs over the edge', async (t) => {
    const { page } = await open(t, {
      viewport: { width: 390, height: 844 },
      isMobile: true,
      colorScheme: 'dark',
    });
    await page.getByRole('button', { name: 'Map' }).click();
    await page.locator('.marker', { hasText: 'robot-001' }).waitFor();
    t.equal(await overflowOf(page), 0);
    await page.locator('.map-list', { hasText: 'robot-001' }).scrollIntoViewIfNeeded();
  });

  t.test('a map that breaks is said, and the one before stays', async (t) => {
    const { page } = await open(t);
    await page.keyboard.press('g');
    await page.locator('.marker').first().waitFor();
    writeFileSync(join(maps, 'routes.lif.json'), '{}');
    await page.getByText('The newest map is broken; this is the one before.').waitFor({ timeout: 60_000 });
    t.equal(await page.locator('image.plan').count(), 1);
  });
});

/** A broker with the example mall, a pillar at its gate and a robot. */
async function mallWithDevices(test: Test) {
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-map-'));
  const [mqttPort, httpPort] = [await freePort(), await freePort()];
  placeDemoMap({ dataDir });
  const broker = brokerChild({ dataDir, mqttPort, httpPort });
  await broker.start(() => undefined);
  const pillar = new MqttPillar({ site: 'demo', device: 'pillar-001' }, { label: 'Riverside Road' });
  const robot = new MqttPillar({ site: 'demo', device: 'robot-001' }, robotAt(GROUND, 17, 9.5, 0));
  for (const device of [pillar, robot]) await device.connect(`mqtt://127.0.0.1:${mqttPort}`);
  test.teardown(async () => {
    await pillar.close();
    await robot.close();
    await broker.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const token = readFileSync(join(dataDir, 'broker', 'admin.token'), 'utf8').trim();
  const address = `http://127.0.0.1:${httpPort}/#token=${token}`;
  return { pillar, robot, address, maps: join(dataDir, 'broker', 'maps') };
}

const overflowOf = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
