import t from 'tap';
import { PAGE_LANGUAGES } from '#agent/ports/page-languages.ts';
import { buildKiosk } from '#scripts/commands/build-kiosk.ts';
import { launchBrowser, noBrowser } from './browser.ts';
import { judgeScreen } from './kiosk-screens.ts';

/** A small screen is where words do not fit. */
const SIZES = [
  { width: 800, height: 480 },
  { width: 1080, height: 1920 },
];

t.test('the page that visitors touch, in every language', { skip: noBrowser }, async (t) => {
  await buildKiosk();
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  for (const viewport of SIZES) judgeScreen(t, browser, { viewport, languages: PAGE_LANGUAGES });
});
