import { fileURLToPath } from 'node:url';
import { buildPage, type PageBuild } from './build-page.ts';

export const CONSOLE_BUNDLE_DIR: string = fileURLToPath(new URL('../../.cache/console', import.meta.url));

/** Bundles the console's page into `outDir`, if anything changed since it was last bundled there. */
export function buildConsole(outDir: string = CONSOLE_BUNDLE_DIR): Promise<PageBuild> {
  const page = {
    name: 'console',
    source: 'broker/console',
    // The shapes that the page shares with the site.
    inputs: ['contract'],
    target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
  };
  return buildPage(page, outDir);
}

if (import.meta.main) {
  const { dir, outcome } = await buildConsole();
  console.log(`console ${outcome}: ${dir}`);
}
