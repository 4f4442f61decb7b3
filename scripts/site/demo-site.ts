import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, type ReadyLine } from './child.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SITE_ID = 'demo';

/** What `scripts/up` starts, by device id. */
export const DEMO_DEVICES = {
  'pillar-001': 'device-profiles/pillars/roadside.yaml',
  'robot-001': 'device-profiles/robots/mall-guide.yaml',
} as const;
export const DEMO_SITE_FILE = 'device-profiles/sites/demo.yaml';

/** The site's map, until somebody puts another into the broker's folder. */
const DEMO_MAP = 'device-profiles/sites/maps/central-mall';

/** Gives the broker the map of the demo where it has none. */
export function placeDemoMap({ dataDir }: Pick<DemoSiteOptions, 'dataDir'>): void {
  const folder = join(dataDir, 'broker', 'maps');
  if (!existsSync(folder)) cpSync(join(ROOT, DEMO_MAP), folder, { recursive: true });
}

export interface DemoSiteOptions {
  readonly dataDir: string;
  readonly mqttPort: number;
  readonly httpPort: number;
}

export function brokerChild({ dataDir, mqttPort, httpPort }: DemoSiteOptions): Child {
  const data = join(dataDir, 'broker');
  return new Child({
    name: 'broker',
    logFile: join(data, 'broker.log'),
    args: [
      ...nodeFlags('broker'),
      join(ROOT, 'broker/main.ts'),
      ...['--data', data, '--mqtt', `127.0.0.1:${mqttPort}`, '--http', `127.0.0.1:${httpPort}`, '--dev'],
    ],
  });
}

export function agentChild({ dataDir, mqttPort }: DemoSiteOptions, device: keyof typeof DEMO_DEVICES): Child {
  const data = join(dataDir, device);
  return new Child({
    name: device,
    logFile: join(data, 'agent.log'),
    env: AGENT_ENV,
    args: [
      ...nodeFlags('agent'),
      join(ROOT, 'agent/main.ts'),
      ...['--profile', DEMO_DEVICES[device], '--site', SITE_ID, '--device', device, '--data', data],
      ...['--broker', `mqtt://127.0.0.1:${mqttPort}`],
    ],
  });
}

/**
 * glibc gives every thread an arena of its own; the agent's hardly allocate. What was compiled once is kept, as its service
 * does: a start that compiles nothing arms the button three times as soon (docs/slots.md).
 */
export const AGENT_ENV = { MALLOC_ARENA_MAX: '1', NODE_COMPILE_CACHE: join(ROOT, '.cache/compile') } as const;

/**
 * What Node is told for a program, as scripts/watchpost does (docs/benchmarks.md has what each flag is worth). For an
 * agent little memory matters more than the last speed; a broker's memory must not follow its load.
 */
export function nodeFlags(program: 'agent' | 'broker'): string[] {
  const text = readFileSync(join(ROOT, `scripts/site/${program}-flags`), 'utf8');
  return text.trim().replaceAll('ROOT/', ROOT).split('\n');
}

/** The console's address with the token that opens it. */
export function consoleAddress({ dataDir, httpPort }: DemoSiteOptions): string {
  const token = readFileSync(join(dataDir, 'broker', 'admin.token'), 'utf8').trim();
  return `http://127.0.0.1:${httpPort}/#token=${token}`;
}

export type { ReadyLine };
