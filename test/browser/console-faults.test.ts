import { encode } from 'fast-png';
import t, { type Test } from 'tap';
import { buildConsole } from '#scripts/commands/build-console.ts';
import { sampleAlarm, sampleDevice, sampleIncident, sampleSighting } from '#test/broker/console/samples.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';
import { FixtureSite, stepped } from './fixture-site.ts';

/** What a real site cannot be brought to do at will; the walk through an alarm is in console.test.ts. */
t.test('the console when things go wrong', { skip: noBrowser }, async (t) => {
  const { dir } = await buildConsole();
  const browser = await launchBrowser();
  t.teardown(() => browser.close());

  async function setUp(test: Test, options: Parameters<typeof openPage>[2] = {}) {
    const site = new FixtureSite();
    const address = await site.start(dir);
    test.teardown(() => site.close());
    const open = async () => {
      const opened = await openPage(browser, `${address}/#token=${site.token}`, { locale: 'en', ...options });
      test.teardown(() => opened.page.context().close());
      await opened.page.locator('.connection.live').waitFor();
      return opened;
    };
    return { site, address, open };
  }

  t.test('without a token the page asks for one, and says when it is wrong', async (t) => {
    const { site, address } = await setUp(t);
    const { page } = await openPage(browser, address, { locale: 'en' });
    await page.getByRole('button', { name: 'Sign in with a token instead' }).click();
    await page.getByLabel('Access token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('The site does not let you in with this.').waitFor();
    await page.getByLabel('Access token').fill(site.token);
    await page.getByRole('button', { name: 'Open the console' }).click();
    await page.getByText('No open incidents.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    t.equal(await page.locator('.desk').count(), 0, 'whoever signed out sees nothing');
    await page.context().close();
  });

  t.test('when a colleague was faster, it says so in words and shows what is', async (t) => {
    const { site, open } = await setUp(t);
    const incident = sampleIncident();
    site.put(incident);
    const { page } = await open();
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
    // Behind the page's back: no event is sent.
    site.incidents.set(incident.id, stepped({ ...incident }, 'on-scene', {}));
    await page.keyboard.press('a');
    await page.getByText('Somebody else was faster').waitFor();
    await page.locator('.headline').getByText('On scene').waitFor();
    await page.getByRole('button', { name: 'Resolve' }).waitFor();
    t.equal(await page.getByRole('button', { name: 'Acknowledge' }).count(), 0);
  });

  t.test('a lost stream is said loudly, polled over, and taken up again', async (t) => {
    const { site, open } = await setUp(t);
    const { page } = await open();
    site.cutStreams('down');
    await page.getByText('NOT LIVE since').waitFor();
    t.equal(await page.locator('.connection').textContent(), 'Not live');
    site.put(sampleIncident({ place: { label: 'While it was cut' } }));
    await page.locator('.row', { hasText: 'While it was cut' }).waitFor();
    t.equal(await page.locator('.connection').textContent(), 'Not live', 'a poll does not make it live');
    site.restoreStreams();
    await page.locator('.connection.live').waitFor();
    t.equal(await page.locator('.banner').count(), 0);
    site.put(sampleIncident({ place: { label: 'By the new stream' } }));
    await page.locator('.row', { hasText: 'By the new stream' }).waitFor();
  });

  t.test('a picture that comes late appears by itself', async (t) => {
    const { site, open } = await setUp(t);
    const png = Buffer.from(encode({ width: 8, height: 4, data: new Uint8Array(96), channels: 3, depth: 8 }));
    const picture = {
      blobId: 'late',
      mediaType: 'image/png',
      bytes: png.length,
      pieces: 1,
      sha256: '0'.repeat(64),
    };
    const type = 'wp.object.left.v1';
    site.put(sampleIncident({ type, alarms: [sampleAlarm({ type, picture })] }));
    const { page } = await open();
    await page.getByText('The picture is on its way…').waitFor();
    site.pictures.set('late', png);
    await page.getByText('The picture is on its way…').waitFor({ state: 'detached' });
    t.equal(await page.evaluate("document.querySelector('.evidence img').naturalWidth"), 8);
  });

  t.test('a thing left behind is shown in four pictures, with what was measured, and a film', async (t) => {
    const { site, open } = await setUp(t);
    const png = Buffer.from(encode({ width: 8, height: 4, data: new Uint8Array(96), channels: 3, depth: 8 }));
    const blob = (blobId: string, mediaType = 'image/png') => {
      site.pictures.set(blobId, png);
      return { blobId, mediaType, bytes: png.length, pieces: 1, sha256: '0'.repeat(64) };
    };
    const sighting = sampleSighting(blob);
    const type = 'wp.object.left.v1';
    const incident = sampleIncident({
      type,
      alarms: [sampleAlarm({ type, picture: blob('now'), sighting })],
    });
    site.put(incident);
    const { page } = await open();
    await page.locator('.filmstrip img').nth(3).waitFor();
    t.same(await page.locator('.filmstrip figcaption').allTextContents(), [
      ...['Before 75 s earlier', 'Put down 71 s earlier', 'Alone 60 s earlier', 'When reported'],
    ]);
    const facts = await page.locator('.measurements').textContent();
    for (const words of ['left alone', 'Alone for60 s', '61 s before', '2.4 person heights', '3 %']) {
      t.ok(facts?.includes(words), `${words} in ${facts}`);
    }
    t.equal(await page.locator('video').count(), 0, 'the film has not come yet');
    const later = { ...sighting, t: 100, state: 'reclaimed' as const, clip: blob('film', 'video/webm') };
    const { alarms, ...rest } = incident;
    const [alarm] = alarms;
    site.put({ ...rest, rev: rest.rev + 1, alarms: [{ ...(alarm ?? sampleAlarm()), sighting: later }] });
    await page.locator('video').waitFor();
    await page.getByText('taken by whoever left it').waitFor();
    t.match(await page.locator('video').getAttribute('src'), /evidence\/film$/);
  });

  t.test(
    'a new alarm calls out, flashes in the title, and is silenced by a key; an exercise does neither',
    async (t) => {
      const { site, open } = await setUp(t);
      const { page } = await open();
      site.put(sampleIncident({ test: true, place: { label: 'Exercise' } }));
      await page.locator('.row', { hasText: 'Exercise' }).getByText('Test').waitFor();
      t.equal(await page.locator('.alarm-banner').count(), 0);
      t.equal(await page.title(), 'Watchpost console');
      site.put(sampleIncident({ place: { label: 'North gate' } }));
      await page.getByRole('alert').getByText('North gate — Alarm button pressed').waitFor();
      await page.locator('//title[contains(., "1 new alarm")]').waitFor({ state: 'attached' });
      await page.locator('//title[contains(., "Watchpost console")]').waitFor({ state: 'attached' });
      await page.keyboard.press('m');
      await page.locator('.alarm-banner').waitFor({ state: 'detached' });
      t.equal(await page.locator('.sound').textContent(), 'Sound on', 'the key gave the page its voice');
    },
  );

  t.test('a phone shows the list, then the incident, and nothing runs over the edge', async (t) => {
    const { site, open } = await setUp(t, { viewport: { width: 360, height: 740 }, isMobile: true });
    site.put(
      sampleIncident({ place: { label: 'A very long label of a place somewhere on the northern campus' } }),
    );
    site.putDevice(sampleDevice());
    const { page } = await open();
    t.equal(await page.locator('.detail').isVisible(), false);
    await page.locator('.row button').click();
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
    t.equal(await page.locator('.incidents').isVisible(), false);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    t.equal(await page.evaluate(overflow), 0);
    await page.getByRole('button', { name: 'List' }).click();
    t.equal(await page.locator('.incidents').isVisible(), true);
    t.equal(await page.evaluate(overflow), 0);
  });

  t.test('markup in what a device says stays text, and nothing is asked of other hosts', async (t) => {
    const { site, open, address } = await setUp(t);
    site.put(
      sampleIncident({ place: { label: '<img src="https://example.org/x.png" onerror="alert(1)">' } }),
    );
    const { page, complaints, hosts } = await open();
    await page.locator('.row').getByText('<img src=').waitFor();
    t.same(complaints, []);
    t.same([...hosts], [new URL(address).host]);
  });
});
