import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Child } from '../site/child.ts';
import { prepareClips, requireClip } from '../site/clips.ts';
import {
  agentChild,
  brokerChild,
  consoleAddress,
  DEMO_DEVICES,
  DEMO_SITE_FILE,
  type DemoSiteOptions,
  placeDemoMap,
  ROOT,
} from '../site/demo-site.ts';
import { attachKeys, KEY_HELP } from '../site/keys.ts';
import { kioskLines } from '../site/kiosk.ts';
import { requireFreePort } from '../site/ports.ts';
import { soundLines } from '../site/sound.ts';
import { prepareDevice } from './prepare.ts';

interface UpOptions {
  readonly headless?: true;
  readonly data: string;
  readonly mqtt: number;
  readonly http: number;
  readonly clip?: string;
}

/** How long a program that ended by itself stays down before it is started again. */
const RESTART_AFTER_MS = 1000;
const RESTART_AT_MOST_MS = 30_000;

/** `scripts/up` */
export function upCommand(): Command {
  return new Command('up')
    .option('--headless', 'no keys; for scripts and services')
    .option('--data <dir>', 'where broker and devices keep their data', './var')
    .option('--mqtt <port>', 'port of the MQTT broker', portNumber, 1883)
    .option('--http <port>', 'port of console and HTTP API', portNumber, 8080)
    .option('--clip <file>', 'the video that the robot’s camera sees')
    .action(up);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('use a port from 1 to 65535');
}

async function up(options: UpOptions): Promise<void> {
  const site = { dataDir: resolve(options.data), mqttPort: options.mqtt, httpPort: options.http };
  if (options.clip !== undefined) requireClip(resolve(options.clip));
  await requireFreePort(options.mqtt, '--mqtt');
  await requireFreePort(options.http, '--http');
  mkdirSync(site.dataDir, { recursive: true });
  const children: Child[] = [];
  const stop = stopper(children);
  try {
    await startAll(site, options, children);
  } catch (error) {
    await stopAll(children);
    throw error;
  }
  say(`Console  ${consoleAddress(site)}`);
  for (const line of await kioskLines(site)) say(line);
  say(`Data     ${site.dataDir}`);
  for (const line of await soundLines(site)) say(line);
  if (!options.headless && process.stdin.isTTY) {
    say(KEY_HELP);
    attachKeys(site, { stop, say });
  }
}

async function startAll(site: DemoSiteOptions, options: UpOptions, children: Child[]): Promise<void> {
  placeDemoMap(site);
  const broker = brokerChild(site);
  children.push(broker);
  const [clips] = await Promise.all([
    prepareClips({ say, ...(options.clip === undefined ? {} : { given: resolve(options.clip) }) }),
    keepRunning(broker, children),
  ]);
  for (const [device, profile] of Object.entries(DEMO_DEVICES)) {
    await prepareDevice({
      profile: resolve(ROOT, profile),
      siteFile: resolve(ROOT, DEMO_SITE_FILE),
      device,
      dataDir: resolve(site.dataDir, device),
      clips,
      say,
    });
  }
  const agents = [agentChild(site, 'pillar-001'), agentChild(site, 'robot-001')];
  children.push(...agents);
  await Promise.all(agents.map((agent) => keepRunning(agent, children)));
}

/** Starts it and, once it was ready, starts it again whenever it ends by itself. */
async function keepRunning(child: Child, children: readonly Child[]): Promise<void> {
  let wasReady = false;
  await child.start((code, signal) => {
    if (!wasReady || !children.includes(child)) return;
    say(
      `${child.spec.name} ended (${signal ?? `exit code ${code}`}); starting it again. Its log: ${child.spec.logFile}`,
    );
    startAgain(child, children, RESTART_AFTER_MS);
  });
  wasReady = true;
}

/** Again and again: what keeps it from starting, such as a port that is still held, may be over soon. */
function startAgain(child: Child, children: readonly Child[], afterMs: number): void {
  setTimeout(() => {
    if (!children.includes(child)) return;
    keepRunning(child, children).catch((error: Error) => {
      if (!children.includes(child)) return;
      say(`${child.spec.name}: ${error.message}`);
      startAgain(child, children, Math.min(afterMs * 2, RESTART_AT_MOST_MS));
    });
  }, afterMs);
}

function stopper(children: Child[]): () => void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    stopAll(children).finally(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
  return stop;
}

/** Devices first, then the broker, so that the ledger gets their goodbyes. */
async function stopAll(children: Child[]): Promise<void> {
  const [broker, ...agents] = children.splice(0);
  await Promise.all(agents.map((agent) => agent.stop()));
  await broker?.stop();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
