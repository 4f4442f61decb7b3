import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildKiosk } from '#scripts/commands/build-kiosk.ts';
import { TestSite, until } from '#test/support/site.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';

const DEVICE = 'pillar-001';
const PROFILE = 'test/browser/profiles/kiosk-pillar.yaml';

t.test('the page on a real agent', { skip: noBrowser, timeout: 300_000 }, async (t) => {
  await buildKiosk();
  const site = await TestSite.make(t);
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  await site.startBroker();
  const agent = await site.startAgent(DEVICE, { profile: PROFILE });
  const file = join(site.folder(DEVICE), 'kiosk.url');
  const address = () => readFileSync(file, 'utf8').trim();
  await until('the page is offered', async () => statSync(file, { throwIfNoEntry: false }) !== undefined);
  const { page, complaints } = await openPage(browser, address(), {
    viewport: { width: 1080, height: 1920 },
  });
  /** Asked at once: it is heard for some seconds only. */
  const voiceIs = (key: string, language: string) =>
    until(`${language}/${key} is said`, async () => {
      const { voice } = await site.state(DEVICE);
      return voice?.key === key && voice.language === language;
    });
  const press = async (name: string) => {
    await site.sim({ request: 'press', name }, DEVICE);
    await site.sim({ request: 'release', name }, DEVICE);
  };

  t.test('Arabic is chosen, how to report is asked for, shown from right to left and said', async (t) => {
    t.equal(statSync(file).mode & 0o777, 0o600, 'the token is its owner’s alone');
    await page.getByRole('button', { name: 'العربية' }).click();
    await voiceIs('guidance.menu', 'ar');
    await page.getByRole('button', { name: 'طريقة طلب المساعدة' }).click();
    await voiceIs('guidance.howto', 'ar');
    await page.locator('html[dir="rtl"] .answer', { hasText: 'لطلب المساعدة' }).waitFor();
    t.match(await site.state(DEVICE), {
      guidance: { step: 'answer', language: 'ar', topic: 'guidance.howto' },
    });
  });

  t.test('the site’s own question and place are answered in words of the site', async () => {
    await page.getByRole('button', { name: 'رجوع' }).click();
    await page.getByRole('button', { name: 'حفظ الأمتعة' }).click();
    await voiceIs('answer.lockers', 'ar');
    await page.locator('.answer', { hasText: 'مكتب الاستعلامات' }).waitFor();
    await page.getByRole('button', { name: 'رجوع' }).click();
    await page.getByRole('button', { name: 'الطريق إلى مكان' }).click();
    await page.getByRole('button', { name: 'المخرج 2' }).click();
    await voiceIs('place.exit-2', 'ar');
    await page.locator('.arrow-left').waitFor();
  });

  t.test('buttons alone do the same, and the page follows them', async () => {
    await page.getByRole('button', { name: 'البدء من جديد' }).click();
    await page.getByRole('button', { name: 'English' }).waitFor();
    await press('globe');
    await voiceIs('guidance.language', 'en');
    await page.locator('.languages button[aria-pressed="true"][lang="en"]').waitFor();
    await until('a second press is not taken for a bounce', async () => {
      await press('globe');
      return (await site.state(DEVICE)).guidance?.language === 'ar';
    });
    await voiceIs('guidance.language', 'ar');
    await press('info');
    await voiceIs('guidance.menu', 'ar');
    await page.locator('html[dir="rtl"] .topics').waitFor();
  });

  t.test(
    'the alarm button wins: the voice and the page tell of the alarm, in the visitor’s language',
    async (t) => {
      t.ok(await site.press(DEVICE), 'it is journalled');
      await page.locator('.alarm .answer[lang="ar"]').waitFor();
      await until('the alarm is told', async () => {
        const { voice } = await site.state(DEVICE);
        return voice?.key.startsWith('alarm.') ?? false;
      });
      await page.locator('.alarm .answer', { hasText: 'وصل بلاغكم إلى غرفة التحكم' }).waitFor();
      await press('globe');
      t.match(
        await site.state(DEVICE),
        { guidance: { step: 'idle', language: 'ar' } },
        'no guidance meanwhile',
      );
      const incidents = await site.incidents();
      t.equal(incidents.length, 1, 'the visitors’ buttons raised none');
      await site.request('POST', `incidents/${incidents[0]?.id}/acknowledge`, {});
      await page.locator('.alarm .answer', { hasText: 'تولى شخص' }).waitFor();
    },
  );

  t.test('the agent is killed: the page says so, and tells of the alarm again when it is back', async (t) => {
    const before = address();
    await agent.kill();
    await page.locator('.offline').waitFor();
    await site.agent(DEVICE).start(() => undefined);
    await page.locator('.alarm .answer[lang="en"]').waitFor({ timeout: 60_000 });
    t.equal(address(), before, 'address and token are kept');
    t.same(complaints, []);
  });
});
