import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { buildConsole } from '#scripts/commands/build-console.ts';
import { brokerChild } from '#scripts/site/demo-site.ts';
import { freePort } from '#test/support/free-port.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';

/** CONNECT with an empty client id, from the page's own script: the subprotocol and the bytes of CONNACK. */
const CONNECT_IN_PAGE = `new Promise((resolve, reject) => {
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/mqtt', 'mqtt');
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => socket.send(new Uint8Array([16, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 0]));
  socket.onmessage = ({ data }) => resolve(socket.protocol + ' ' + new Uint8Array(data).join());
  socket.onclose = ({ code }) => reject(new Error('closed with ' + code));
})`;
const PASSWORD = 'seven quiet lanterns';

t.test('people sign in at the console of the real broker', { skip: noBrowser }, async (t) => {
  await buildConsole();
  const browser = await launchBrowser();
  const dataDir = mkdtempSync(join(tmpdir(), 'watchpost-sign-in-'));
  const [mqttPort, httpPort] = [await freePort(), await freePort()];
  const broker = brokerChild({ dataDir, mqttPort, httpPort });
  await broker.start(() => undefined);
  t.teardown(async () => {
    await browser.close();
    await broker.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const address = `http://127.0.0.1:${httpPort}`;
  const token = readFileSync(join(dataDir, 'broker', 'admin.token'), 'utf8').trim();
  const ask = (method: string, path: string, body: object) =>
    fetch(`${address}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await ask('POST', 'people', { name: 'desk-1', role: 'dispatcher', password: PASSWORD });

  t.test(
    'by keyboard alone, in Chinese, in the dark; and are out at once when they are disabled',
    async (t) => {
      const { page, complaints, hosts } = await openPage(browser, address, {
        locale: 'zh-CN',
        colorScheme: 'dark',
      });
      await page.getByLabel('姓名').waitFor();
      await page.keyboard.type('desk-1');
      await page.keyboard.press('Tab');
      await page.keyboard.type('wrong');
      await page.keyboard.press('Enter');
      await page.getByText('站点不接受此登录信息。').waitFor();
      t.equal(await page.getByLabel('密码').inputValue(), '', 'the password does not stay on the page');
      if (process.env.SCREENSHOTS !== undefined)
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/dark.png` });
      await page.getByLabel('密码').focus();
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
      await page.locator('.connection.live').waitFor();
      t.equal(await page.evaluate('document.cookie'), '', 'the cookie is out of reach for scripts');
      t.equal(await page.evaluate(CONNECT_IN_PAGE), 'mqtt 32,2,0,0', 'the page may speak MQTT');
      await ask('PATCH', 'people/desk-1', { disabled: true });
      await page.getByLabel('姓名').waitFor();
      await ask('PATCH', 'people/desk-1', { disabled: false });
      t.same(complaints, []);
      t.equal(hosts.size, 1);
      await page.context().close();
    },
  );

  t.test('or with a token, and say whom they are no more when they go', async (t) => {
    const { page, complaints } = await openPage(browser, address, { locale: 'en' });
    await page.getByLabel('Name').waitFor();
    if (process.env.SCREENSHOTS !== undefined)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/light.png` });
    await page.getByRole('button', { name: 'Sign in with a token instead' }).click();
    await page.keyboard.type(token);
    await page.keyboard.press('Enter');
    await page.locator('.connection.live').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Name').waitFor();
    await page.reload();
    await page.getByLabel('Name').waitFor();
    t.same(complaints, []);
    await page.context().close();
  });
});
