import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { buildConsole } from '#scripts/commands/build-console.ts';
import { brokerChild } from '#scripts/site/demo-site.ts';
import { freePort } from '#test/support/free-port.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';
import { MqttPillar, pictureReference } from './mqtt-pillar.ts';

const PILLAR = { site: 'demo', device: 'pillar-001' };
const PLACE = { label: '学府路北门', latitude: 31.2304, longitude: 121.4737, floor: '1F' };

t.test('the console against the real broker', { skip: noBrowser }, async (t) => {
  await buildConsole();
  const browser = await launchBrowser();
  t.teardown(() => browser.close());

  /** A broker process of its own, a pillar on the wire, and the page opened as its address is printed. */
  async function setUp(test: Test, locale: string) {
    const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-browser-'));
    const [mqttPort, httpPort] = [await freePort(), await freePort()];
    const broker = brokerChild({ dataDir, mqttPort, httpPort });
    const startBroker = () => broker.start(() => undefined);
    await startBroker();
    const pillar = new MqttPillar(PILLAR, PLACE);
    const mqttUrl = `mqtt://127.0.0.1:${mqttPort}`;
    await pillar.connect(mqttUrl);
    const token = readFileSync(join(dataDir, 'broker', 'admin.token'), 'utf8').trim();
    const opened = await openPage(browser, `http://127.0.0.1:${httpPort}/#token=${token}`, { locale });
    test.teardown(async () => {
      await opened.page.context().close();
      await pillar.close();
      await broker.kill();
      rmSync(dataDir, { recursive: true, force: true });
    });
    await opened.page.locator('.connection.live').waitFor();
    return { ...opened, pillar, broker, startBroker, mqttUrl };
  }

  t.test('a press is walked to its end by keyboard alone, in Chinese', async (t) => {
    const { page, pillar, complaints, hosts } = await setUp(t, 'zh-CN');
    t.equal(await page.evaluate('document.documentElement.lang'), 'zh-CN');
    t.notMatch(page.url(), /token/, 'the token does not stay in the address');
    t.equal(await page.evaluate('document.cookie'), '', 'the cookie is out of reach for scripts');
    await page.getByText('没有未结警情。').waitFor();
    await pillar.press();
    await page.getByRole('alert').getByText('学府路北门 — 一键报警').waitFor();
    await page.locator('.headline', { hasText: '未接警' }).getByText('后升级').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await inState(page, '已接警');
    t.equal(await page.locator('.alarm-banner').count(), 0, 'taking it ends the call');
    await page.keyboard.press('s');
    await page.keyboard.type('保安二号');
    await page.keyboard.press('Enter');
    await inState(page, '已派人');
    await page.keyboard.press('d');
    await inState(page, '已到场');
    await page.keyboard.press('r');
    await page.getByLabel('原因是什么？').selectOption('helped');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.incidents').getByText('待复核').waitFor();
    await page.getByText('已派人 → 保安二号').waitFor();
    await page.getByText('已结案: 已提供帮助').waitFor();
    await page.keyboard.press('v');
    await page.getByText('没有未结警情。').waitFor();
    await page.getByText('已复核，无需再处理。').waitFor();
    const states = pillar.notices.map(({ state }) => state);
    for (const state of ['open', 'acknowledged', 'assigned', 'on-scene', 'resolved'])
      t.ok(
        states.some((told) => told === state),
        `the pillar was told: ${state}`,
      );
    t.same(complaints, []);
    t.equal(hosts.size, 1, 'nothing is asked of other hosts');
  });

  t.test('and by mouse alone, in English, with a note for the record', async (t) => {
    const { page, pillar } = await setUp(t, 'en-GB');
    await page.getByText('No open incidents.').waitFor();
    await pillar.press();
    await page.locator('.row button', { hasText: 'Alarm button pressed' }).click();
    await page.getByText('31.23040, 121.47370').waitFor();
    await page.getByLabel('Note').fill('caller is calm');
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await inState(page, 'Acknowledged');
    await page.locator('.steps').getByText('caller is calm').waitFor();
    await pillar.press('wp.panic.repressed.v1');
    await page.locator('.headline').getByText('Pressed again').waitFor();
    await page.locator('.row').getByText('×2').waitFor();
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await page.locator('.headline').getByText('Pressed again').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Assign', exact: true }).click();
    await page.getByLabel('Who goes?').fill('Guard 2');
    await page.getByRole('button', { name: 'Assign', exact: true }).click();
    await inState(page, 'Assigned');
    await page.getByRole('button', { name: 'On scene', exact: true }).click();
    await inState(page, 'On scene');
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByLabel('What was it?').selectOption('false-alarm');
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByText('Resolved: False alarm').waitFor();
    await page.getByRole('button', { name: 'Mark reviewed' }).click();
    await page.getByText('Reviewed; nothing left to do.').waitFor();
    t.equal(await page.locator('.row').count(), 0);
  });

  t.test('a button is bypassed on the card of its device, with a reason, and restored', async (t) => {
    const { page, pillar, complaints } = await setUp(t, 'en');
    const card = page.locator('.device.online', { hasText: 'pillar-001' });
    await card.getByText('Orders').click();
    await card.getByLabel('Input or sensor').selectOption('button');
    await card.getByLabel('For').selectOption({ label: '24 hours' });
    await card.getByRole('button', { name: 'Bypass' }).click();
    t.same(pillar.orders, [], 'nothing is sent without a reason');
    await card.getByLabel('Reason').fill('rain in the switch');
    await page.keyboard.press('Enter');
    await card.getByRole('status').getByText('Done.').waitFor();
    await card.locator('.alert', { hasText: 'BYPASSED' }).getByText('rain in the switch').waitFor();
    const [bypass] = pillar.orders;
    const args = { inputs: ['button'], forS: 86_400, reason: 'rain in the switch' };
    t.match(bypass, { name: 'bypass', args, by: String });
    await card.getByRole('button', { name: 'Restore button' }).click();
    await card.getByText('BYPASSED').waitFor({ state: 'detached' });
    t.match(pillar.orders[1], { name: 'bypass', args: { inputs: ['button'], forS: 0 } });
    await card.getByRole('button', { name: 'open', exact: true }).click();
    await card.locator('button[aria-pressed="true"]', { hasText: 'open' }).waitFor();
    t.match(pillar.orders[2], { name: 'actuate', args: { name: 'barrier', position: 'open' } });
    await pillar.vanish();
    await page.locator('.device.offline').getByText('Orders are not kept for later').waitFor();
    t.equal(pillar.orders.length, 3);
    t.same(complaints, []);
  });

  t.test('a device in safe mode, or started anew after a fault, says so on its card', async (t) => {
    const { page, pillar, complaints } = await setUp(t, 'en');
    const card = page.locator('.device.online', { hasText: 'pillar-001' });
    await card.getByText('Panic').waitFor();
    t.equal(await card.getByText('Running').count(), 0, 'of an ordered start nothing is said');
    await pillar.beganAnew({ cause: 'watchdog', starts: 7, mode: 'safe' });
    await card.locator('.alert', { hasText: 'SAFE MODE' }).getByText('since it stood still').waitFor();
    await pillar.beganAnew({ cause: 'power', starts: 8, mode: 'normal' });
    await card.getByText('since a power cut').waitFor();
    t.equal(await card.getByText('SAFE MODE').count(), 0);
    t.same(complaints, []);
  });

  t.test('the broker dies and comes back: the page says so, and goes on without a reload', async (t) => {
    const { page, pillar, broker, startBroker, mqttUrl } = await setUp(t, 'en');
    await pillar.press();
    await page.locator('.row', { hasText: PLACE.label }).waitFor();
    await page.evaluate('window.sameVisit = true');
    await broker.kill();
    await page.getByText('NOT LIVE since').waitFor();
    t.equal(await page.locator('.connection').textContent(), 'Not live');
    t.ok(await page.locator('.row', { hasText: PLACE.label }).isVisible(), 'what was known stays on show');
    await page.keyboard.press('a');
    await page.getByText('The site does not answer.').waitFor();
    await startBroker();
    await page.locator('.connection.live').waitFor();
    t.equal(await page.locator('.banner').count(), 0);
    await pillar.close();
    await pillar.connect(mqttUrl);
    await page.keyboard.press('a');
    await inState(page, 'Acknowledged');
    t.equal(await page.evaluate('window.sameVisit'), true);
  });

  t.test('a picture, a language and a device that vanishes', async (t) => {
    const { page, pillar } = await setUp(t, 'en');
    const content = Buffer.from(
      encode({ width: 16, height: 9, data: new Uint8Array(432), channels: 3, depth: 8 }),
    );
    const picture = pictureReference('picture-1', content);
    await page.locator('.device.online', { hasText: 'pillar-001' }).waitFor();
    await pillar.leaveObject(picture);
    await page.locator('.headline').getByText('Object left behind').waitFor();
    await page.getByText('The picture is on its way…').waitFor();
    await pillar.sendPicture(picture, content);
    await page.getByText('The picture is on its way…').waitFor({ state: 'detached' });
    t.equal(await page.evaluate("document.querySelector('.evidence img').naturalWidth"), 16);
    await page.getByRole('button', { name: '中文' }).click();
    await page.locator('.headline').getByText('遗留物品').waitFor();
    t.equal(await page.evaluate('document.documentElement.lang'), 'zh-CN');
    await page.reload();
    await page.locator('.headline').getByText('遗留物品').waitFor();
    await pillar.vanish();
    await page
      .locator('.device.offline', { hasText: 'pillar-001' })
      .getByText('离线', { exact: true })
      .waitFor();
  });
});

/** The selected incident shows this state. */
const inState = (page: Page, state: string) =>
  page.locator('.headline .chip', { hasText: new RegExp(`^${state}$`) }).waitFor();
