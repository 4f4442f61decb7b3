import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Run } from '#contract/commission/run.ts';
import { buildConsole } from '#scripts/commands/build-console.ts';
import { startPillar } from '#test/broker/commissioning/profile.ts';
import { TestSite } from '#test/support/site.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';

const BY = { by: 'Mei Lin' };
/** Where pictures of the page are left for people to look at. */
const SHOTS = process.env.SHOTS;

t.test(
  'a device is commissioned on a phone, in the run that a terminal began',
  { skip: noBrowser },
  async (t) => {
    await buildConsole();
    const browser = await launchBrowser();
    t.teardown(() => browser.close());
    const site = await TestSite.make(t);
    await startPillar(site, 'camera');
    const { body } = await site.request('POST', 'devices/demo.pillar-001/commissioning', BY);
    const { id } = Run.parse(body);
    const address = `http://127.0.0.1:${site.httpPort}/#token=${site.token}&commission=demo.pillar-001`;
    const { page, complaints } = await openPage(browser, address, {
      ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'zh-CN' },
      ...{ acceptDownloads: true },
    });
    t.teardown(() => page.context().close());
    const shoot = async (name: string) => {
      if (SHOTS === undefined) return;
      mkdirSync(SHOTS, { recursive: true });
      await page.screenshot({ path: join(SHOTS, `${name}.png`) });
    };
    const step = (stepId: string) => page.locator(`[data-step="${stepId}"]`);

    await t.test('says in the language of the page that nobody comes, and asks who it is', async (t) => {
      await page.locator('.test-banner', { hasText: '不会有人前来' }).waitFor();
      t.notMatch(page.url(), /token/);
      t.ok(await step('siren').getByRole('button', { name: '开始' }).isDisabled(), 'not without a name');
      await page.getByLabel('您的姓名').fill('李梅');
      await shoot('phone-begin');
      const overflow = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      t.equal(overflow, false, 'nothing sticks out at 390 points');
    });

    await t.test('asks what the step asks, and shows what came of it', async () => {
      await step('siren').getByRole('button', { name: '开始' }).click();
      await step('siren').getByText('警笛将响 5 秒').waitFor();
      await shoot('phone-siren');
      await step('siren').getByRole('button', { name: '否', exact: true }).click();
      await step('siren').getByText('未通过', { exact: true }).waitFor();
      await step('siren').getByRole('button', { name: '接受…' }).click();
      await page.getByLabel('理由').fill('周一更换');
      await step('siren').getByRole('button', { name: '保存' }).click();
      await step('siren').getByText('周一更换 (李梅)').waitFor();
    });

    await t.test('shows the camera’s picture with its zones', async (t) => {
      await step('picture:front').getByRole('button', { name: '开始' }).click();
      const yes = step('picture:front').getByRole('button', { name: '是', exact: true });
      await yes.waitFor({ timeout: 120_000 });
      const image = `document.querySelector('[data-step="picture:front"] img')`;
      const width = await page.evaluate(`${image}.decode().then(() => ${image}.naturalWidth)`);
      t.equal(width, 320, 'the picture is there');
      t.equal(await step('picture:front').locator('polygon').count(), 1);
      await shoot('phone-picture');
      await yes.click();
      await step('picture:front').getByText('通过', { exact: true }).waitFor();
    });

    await t.test('follows what is done elsewhere', async (t) => {
      await site.request('POST', `commissioning/${id}/steps/clock/begin`, BY);
      await step('clock').getByText('通过', { exact: true }).waitFor();
      t.match(await step('clock').textContent(), /时钟偏差/);
    });

    await t.test('takes typed coordinates for the location', async (t) => {
      await step('location').getByRole('button', { name: '开始' }).click();
      await step('location').getByLabel('纬度，经度').fill('31.2305, 121.4737');
      await step('location').getByRole('button', { name: '是', exact: true }).click();
      await step('location').getByText('通过', { exact: true }).waitFor();
      t.match(
        await step('location').textContent(),
        /与登记位置的距离 11 m/,
        '0.0001° of latitude are 11.1 m',
      );
    });

    await t.test('ends with a certificate to take along', async (t) => {
      await page.getByRole('button', { name: '完成并签名' }).click();
      await page.locator('.ended .verdict', { hasText: '未通过' }).waitFor();
      await page.getByText('测试模式已结束').waitFor();
      await shoot('phone-ended');
      for (const [link, ending] of [
        ['证书（JSON）', 'json'],
        ['证书（PDF）', 'pdf'],
      ] as const) {
        const coming = page.waitForEvent('download');
        await page.getByRole('link', { name: link }).click();
        t.match(
          (await coming).suggestedFilename(),
          new RegExp(`^demo\\.pillar-001-\\d{8}-\\d{4}\\.${ending}$`),
        );
      }
      await page.getByRole('button', { name: '返回控制台' }).click();
      await page.getByRole('link', { name: '现场验收' }).waitFor();
      t.same(complaints, []);
    });

    await t.test('stands on the console as well, in English', async (t) => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('link', { name: 'Commission' }).click();
      await page.getByRole('button', { name: 'Begin commissioning' }).click();
      await page.locator('.test-banner', { hasText: 'NOBODY COMES' }).waitFor();
      await step('selftest').getByRole('button', { name: 'Begin' }).click();
      await step('selftest').getByText('passed', { exact: true }).waitFor();
      await shoot('desk');
      await page.getByRole('button', { name: 'Give up' }).click();
      await page.getByRole('button', { name: 'Begin commissioning' }).waitFor();
      t.same(complaints, []);
    });
  },
);
