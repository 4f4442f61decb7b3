import type { Browser } from 'playwright-core';
import type { Test } from 'tap';
import { PAGE_LANGUAGES } from '#agent/ports/page-languages.ts';
import { openPage } from './browser.ts';
import { KioskDevice } from './kiosk-device.ts';
import { illegibleIn } from './legibility.ts';

/** What docs/guidance.md promises: WCAG 2.2 AAA contrast, nothing under 28 px, targets of 88 px. */
export const LIMITS = { contrast: 7, textPx: 28, targetPx: 88 } as const;

export interface KioskScreen {
  /** CSS pixels. */
  readonly viewport: { readonly width: number; readonly height: number };
  readonly languages: readonly string[];
}

/** A test that walks through every view in each language, and measures what can be read and hit. */
export function judgeScreen(t: Test, browser: Browser, { viewport, languages }: KioskScreen): void {
  const size = `${viewport.width}×${viewport.height}`;
  t.test(
    `every screen can be read and hit in each of ${languages.length} languages at ${size}`,
    async (t) => {
      const device = await KioskDevice.start(t);
      const { guidance } = device;
      const { page, complaints } = await openPage(browser, device.address, { viewport });
      t.teardown(() => page.context().close());
      const legible = async (what: string) => {
        t.same(await page.evaluate(illegibleIn(LIMITS)), [], what);
      };
      await page.locator('.languages').waitFor();
      t.equal(await page.locator('.languages button').count(), PAGE_LANGUAGES.length);
      await legible('idle');
      for (const language of languages) {
        guidance.choose({ choose: 'language', language });
        await page.locator(`html[lang="${language}"] .topics button`).first().waitFor();
        await legible(`${language}: topics`);
        guidance.choose({ choose: 'topic', topic: 'guidance.first-aid' });
        const answer = page.locator('.answer', { hasText: guidance.view().answer?.text ?? '?' });
        await answer.waitFor();
        await legible(`${language}: first aid`);
        t.equal(
          await page.evaluate(
            `document.querySelector('main').scrollHeight - document.querySelector('main').clientHeight`,
          ),
          0,
          `${language}: the answer is on one screen`,
        );
        guidance.choose({ choose: 'topic', topic: 'place.exit-2' });
        await page.locator('.arrow-left').waitFor();
        await legible(`${language}: a place`);
        guidance.setAlarm('alarm.unstored');
        await page.locator('.alarm .answer').waitFor();
        await legible(`${language}: alarm`);
        guidance.setAlarm(null);
        await page.locator('.alarm').waitFor({ state: 'detached' });
      }
      t.same(complaints, []);
    },
  );
}
