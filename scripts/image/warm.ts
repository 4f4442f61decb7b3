import { flushCompileCache } from 'node:module';

/**
 * Loads the modules of a program once, so that the next start finds them compiled (NODE_COMPILE_CACHE). Run in the
 * image, where scripts/ is not: what scripts/warm-compile-cache.ts does at set-up, and drivers that a profile may name.
 */
const PROGRAMS: Record<string, readonly string[]> = {
  agent: [
    'main.ts',
    'drivers/firmata/makers.ts',
    'drivers/gpio/makers.ts',
    'drivers/gpio/open-input.ts',
    'drivers/gpio/open-output.ts',
  ],
  vision: ['vision/main.ts', 'vision/session.ts'],
};

for (const file of PROGRAMS[process.argv[2] ?? ''] ?? []) await import(`#agent/${file}`);
flushCompileCache();
