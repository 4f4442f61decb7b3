import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { Zone } from '#agent/ports/vision-zones.ts';
import { zoneProblems } from '#agent/profile/zone-problems.ts';
import { zoneEditorPage } from '#scripts/cameras/zone-editor.ts';
import { launchBrowser, noBrowser, openPage } from './browser.ts';

t.test(
  'a technician draws zones on the page and copies what a profile takes',
  { skip: noBrowser },
  async (t) => {
    const picture = { width: 320, height: 180, data: new Uint8Array(320 * 180).fill(90) };
    const given = Zone.parse({
      name: 'hall',
      kind: 'watch',
      polygon: [
        [0.1, 0.5],
        [0.6, 0.5],
        [0.6, 0.9],
        [0.1, 0.9],
      ],
    });
    const file = join(t.testdir(), 'zones.html');
    writeFileSync(file, await zoneEditorPage({ picture, zones: [given], dwellS: 60, title: 'front' }));
    const browser = await launchBrowser();
    t.teardown(() => browser.close());
    const { page, complaints, hosts } = await openPage(browser, `file://${file}`);
    const copied = async () => Zone.array().parse(parse(await page.locator('#yaml').inputValue()).zones);
    t.same(await copied(), [given]);

    const box = await page.locator('#stage').boundingBox();
    if (box === null) return t.fail('the picture must be there');
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    await page.mouse.move(...at(0.6, 0.5));
    await page.mouse.down();
    await page.mouse.move(...at(0.7, 0.45), { steps: 4 });
    await page.mouse.move(...at(0.8, 0.4), { steps: 4 });
    await page.mouse.up();
    const [dragged] = await copied();
    const [x = 0, y = 0] = dragged?.polygon[1] ?? [];
    t.ok(Math.abs(x - 0.8) < 0.01 && Math.abs(y - 0.4) < 0.01, `dragged to ${x}, ${y}`);

    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    const [moved] = await copied();
    t.ok(
      Math.abs((moved?.polygon[1]?.[0] ?? 0) - x - 0.005) < 0.002,
      'the arrow keys move the corner that was dragged',
    );
    t.ok(Math.abs((moved?.polygon[1]?.[1] ?? 0) - y - 0.05) < 0.002);

    await page.getByRole('button', { name: /Add a corner after corner 1 of hall/ }).press('Enter');
    t.equal((await copied())[0]?.polygon.length, 5);
    await page.keyboard.press('Delete');
    t.equal((await copied())[0]?.polygon.length, 4);

    await page.getByRole('button', { name: 'Add a zone' }).click();
    const added = page.locator('fieldset').nth(1);
    await added.getByLabel('Name').fill('bins');
    await added.getByLabel('Kind').selectOption('dwell');
    t.match(await page.locator('#problems').textContent(), /bins: a dwell zone needs a dwell time/);
    await added.getByLabel('Dwell (s)').fill('15');
    t.equal(await page.locator('#problems').textContent(), 'No problems.');
    const both = await copied();
    t.match(both[1], { name: 'bins', kind: 'dwell', dwellS: 15 });
    t.same(zoneProblems(both), []);

    t.same(complaints, []);
    t.same([...hosts], [''], 'it asked nobody for anything');
  },
);
