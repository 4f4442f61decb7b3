import t from 'tap';
import { buildKiosk } from '#scripts/commands/build-kiosk.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';
import { KioskDevice, TOLD_MS } from './kiosk-device.ts';
import { judgeScreen, LIMITS } from './kiosk-screens.ts';
import { illegibleIn } from './legibility.ts';

/** The longest words, a script from right to left, and one of each kind; all languages are in the extended test. */
const SCREENS = [
  { viewport: { width: 800, height: 480 }, languages: ['zh-CN', 'de', 'fr', 'ar', 'th'] },
  { viewport: { width: 1080, height: 1920 }, languages: ['hi', 'ar'] },
];

t.test('the page that visitors touch', { skip: noBrowser }, async (t) => {
  await buildKiosk();
  const browser = await launchBrowser();
  t.teardown(() => browser.close());

  for (const screen of SCREENS) judgeScreen(t, browser, screen);

  t.test('the check of what can be read finds what cannot', async (t) => {
    const device = await KioskDevice.start(t);
    const { page } = await openPage(browser, device.address, { viewport: { width: 800, height: 480 } });
    t.teardown(() => page.context().close());
    await page.locator('.languages').waitFor();
    const spoil = (property: string, value: string) =>
      page.evaluate(
        `document.querySelector('.languages button').style.setProperty('${property}', '${value}')`,
      );
    const found = async () => {
      const all: unknown = await page.evaluate(illegibleIn(LIMITS));
      return Array.isArray(all) ? all.map(({ what }) => what) : [];
    };
    await spoil('color', '#8fb4d8');
    t.same(await found(), ['contrast'], '5 : 1 is not enough');
    await spoil('color', '#ffffff');
    await spoil('font-size', '20px');
    t.same(await found(), ['size']);
    await spoil('font-size', '28px');
    await spoil('min-block-size', '40px');
    await spoil('block-size', '40px');
    t.same(await found(), ['target']);
  });

  t.test('a visitor picks a place by touch, from right to left, and an arrow shows the way', async (t) => {
    const device = await KioskDevice.start(t);
    const { page, complaints, hosts } = await openPage(browser, device.address);
    t.teardown(() => page.context().close());
    await page.getByRole('button', { name: 'العربية' }).click();
    await page.getByRole('button', { name: 'الطريق إلى مكان' }).click();
    t.equal(await page.locator('html').getAttribute('dir'), 'rtl');
    t.equal(await page.locator('html').getAttribute('lang'), 'ar');
    await page.getByRole('button', { name: 'المخرج 2' }).click();
    await page
      .locator('.way', {
        hasText: new Intl.NumberFormat('ar', { style: 'unit', unit: 'meter', unitDisplay: 'long' }).format(
          50,
        ),
      })
      .waitFor();
    t.ok(await page.locator('.arrow-left').isVisible());
    await page.getByRole('button', { name: 'رجوع' }).click();
    await page.getByRole('button', { name: 'المخرج 2' }).waitFor();
    await page.getByRole('button', { name: 'البدء من جديد' }).click();
    await page.getByRole('button', { name: 'English' }).click();
    t.equal(await page.locator('html').getAttribute('dir'), 'ltr');
    t.same(
      device.said.map(({ key, languages }) => `${languages?.join()}/${key}`),
      ['ar/guidance.menu', 'ar/place.exit-2', 'en/guidance.menu'],
    );
    t.same(complaints, [], 'nothing that the Content-Security-Policy forbids');
    t.equal(hosts.size, 1, 'nothing is asked of other hosts');
  });

  t.test('a page that is left alone says so, keeps when asked to, and begins anew', async (t) => {
    const clock = new ManualClock();
    const device = await KioskDevice.start(t, clock);
    const { page } = await openPage(browser, device.address);
    t.teardown(() => page.context().close());
    await page.getByRole('button', { name: 'Deutsch' }).click();
    await page.locator('.topics').waitFor();
    t.equal(await page.locator('.countdown').count(), 0, 'not at once');
    await clock.advance(TOLD_MS + 15_000);
    // The view at 15 s before the end, as for a page that has just come back.
    await page.reload();
    await page.locator('.countdown', { hasText: /\d Sekunden?/ }).waitFor();
    t.same(await page.evaluate(illegibleIn(LIMITS)), []);
    await page.getByRole('button', { name: 'Ich bin noch da' }).click();
    await page.locator('.countdown').waitFor({ state: 'detached' });
    await clock.advance(29_999);
    t.equal(device.guidance.state.step, 'topics', 'as long again');
    await clock.advance(1);
    await page.locator('.languages').waitFor();
    t.equal(await page.locator('.countdown').count(), 0);
    t.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  });

  t.test(
    'an alarm covers the page in the visitor’s language, and another can be chosen to read it in',
    async (t) => {
      const device = await KioskDevice.start(t);
      const { page } = await openPage(browser, device.address);
      t.teardown(() => page.context().close());
      device.guidance.setAlarm('alarm.pressed');
      await page.locator('.alarm p[lang="zh-HK"]').waitFor();
      t.equal(
        await page.locator('.alarm .answer').count(),
        2,
        'who has chosen no language reads it in the device’s',
      );
      device.guidance.setAlarm(null);
      await page.getByRole('button', { name: 'ไทย' }).click();
      await page.locator('.topics').waitFor();
      device.guidance.setAlarm('alarm.pressed');
      await page.locator('.alarm .answer', { hasText: 'ปุ่มฉุกเฉินถูกกดแล้ว' }).waitFor();
      device.guidance.setAlarm('alarm.received');
      await page.locator('.alarm .answer', { hasText: 'ห้องควบคุม' }).waitFor();
      await page.getByRole('button', { name: 'English' }).click();
      await page.locator('.alarm .answer', { hasText: 'The control room has your alarm.' }).waitFor();
      t.equal(await page.locator('.topics').count(), 0, 'nothing else can be asked for');
      device.guidance.setAlarm(null);
      await page.locator('h1', { hasText: '请选择语言' }).waitFor();
    },
  );

  t.test('a device that is away is told, with the number to call, and comes back by itself', async (t) => {
    const device = await KioskDevice.start(t);
    const { page } = await openPage(browser, device.address);
    t.teardown(() => page.context().close());
    await page.getByRole('button', { name: 'français' }).click();
    await page.locator('.topics').waitFor();
    await device.stop();
    await page.locator('.offline', { hasText: 'appelez le 110' }).waitFor();
    t.same(await page.evaluate(illegibleIn(LIMITS)), []);
    await device.restart();
    await page.locator('.topics').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Premiers secours' }).click();
    await page.locator('.answer').waitFor();
  });

  t.test(
    'after an update the page takes the place of its older self, and not while somebody is there',
    async (t) => {
      const device = await KioskDevice.start(t);
      const { page } = await openPage(browser, device.address);
      t.teardown(() => page.context().close());
      await page.getByRole('button', { name: '한국어' }).click();
      await page.locator('.topics').waitFor();
      await page.evaluate('window.sameVisit = true');
      await device.stop();
      await page.locator('.offline').waitFor();
      device.renameScript();
      await device.restart();
      await page.getByRole('button', { name: '미아 신고' }).click();
      await page.locator('.answer').waitFor();
      t.equal(await page.evaluate('window.sameVisit'), true);
      await page.getByRole('button', { name: '처음으로' }).click();
      await page.waitForFunction('window.sameVisit === undefined');
      await page.getByRole('button', { name: '한국어' }).click();
      await page.locator('.topics').waitFor();
      t.match(await page.evaluate(`document.querySelector('script[src]').getAttribute('src')`), /NEWER/);
    },
  );

  t.test('a page that was never let in says which number to call', async (t) => {
    const device = await KioskDevice.start(t);
    const { page } = await openPage(browser, device.address.replace(/token=.*/, 'token=none'));
    t.teardown(() => page.context().close());
    await page.locator('.offline', { hasText: 'In an emergency, call 110.' }).waitFor();
    await page.locator('.offline .call', { hasText: '110' }).waitFor();
  });
});
