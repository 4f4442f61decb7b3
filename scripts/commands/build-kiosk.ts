import { fileURLToPath } from 'node:url';
import { buildPage, type PageBuild } from './build-page.ts';

export const KIOSK_BUNDLE_DIR: string = fileURLToPath(new URL('../../.cache/kiosk', import.meta.url));

/** Bundles the kiosk's page into `outDir`, if anything changed since it was last bundled there. */
export function buildKiosk(outDir: string = KIOSK_BUNDLE_DIR): Promise<PageBuild> {
  const page = {
    name: 'kiosk',
    source: 'agent/kiosk-page',
    inputs: [
      'agent/ports/kiosk.ts',
      'agent/ports/page-languages.ts',
      'agent/ports/told-distance.ts',
      'contract/clock.ts',
    ],
    // Debian 12 began with Chromium 109.
    target: ['es2022', 'chrome109'],
  };
  return buildPage(page, outDir);
}

if (import.meta.main) {
  const { dir, outcome } = await buildKiosk();
  console.log(`kiosk ${outcome}: ${dir}`);
}
