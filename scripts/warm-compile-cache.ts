import { flushCompileCache } from 'node:module';

/**
 * Loads the modules of a program once, so that the next start finds them compiled. Importing has no side effect in
 * this project (each main.ts acts only when it is the program), so this starts nothing. V8 keeps what it compiled
 * apart by its flags: the agent is warmed with the agent's (scripts/site/agent-flags).
 */
const PROGRAMS: Record<string, () => Promise<unknown>> = {
  agent: () => import('#agent/main.ts'),
  broker: () => import('#broker/main.ts'),
  cli: () =>
    Promise.all([
      import('#scripts/cli.ts'),
      import('#scripts/commands/up.ts'),
      import('#scripts/commands/sim.ts'),
    ]),
  vision: () => import('#agent/vision/session.ts'),
};

for (const name of process.argv.slice(2)) await PROGRAMS[name]?.();
flushCompileCache();
