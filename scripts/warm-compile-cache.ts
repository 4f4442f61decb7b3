import { flushCompileCache } from 'node:module';

/**
 * Loads the modules of the programs once, so that the next start finds them compiled. Importing has no side effect
 * in this project (each main.ts acts only when it is the program), so this starts nothing.
 */
await import('#agent/main.ts');
await import('#broker/main.ts');
await import('#scripts/cli.ts');
flushCompileCache();
