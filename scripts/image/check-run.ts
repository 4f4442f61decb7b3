import { chownSync, lchownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { AlarmSite } from '../bench/alarm-site.ts';
import { prepareDevice } from '../commands/prepare.ts';
import { askSim } from '../commands/sim-client.ts';
import { DEMO_DEVICES, ROOT, SITE_ID } from '../site/demo-site.ts';
import { checkUser, type OpenImage } from './check-contents.ts';
import { checkParts } from './check-parts.ts';
import type { Identity } from './oci-config.ts';
import { TrialRun } from './trial.ts';

const DEVICE = 'pillar-001';
/** Emulated, on a machine that does other things as well. */
const ARMED_LIMIT_MS = 300_000;
const SEEN_LIMIT_MS = 120_000;
const FROZEN_LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 250;

/** What the trial stands on. */
interface Stand extends OpenImage {
  readonly trial: TrialRun;
  readonly site: AlarmSite;
  readonly dataDir: string;
  readonly beganMs: number;
}

/** Starts the agent from the image, read-only and without rights, beside a broker on this machine. */
export async function checkRun(image: OpenImage): Promise<void> {
  const { namespace, rootDir, config, dir, findings } = image;
  const identity = await checkUser(image);
  const dataDir = await preparedFolder(dir, identity);
  const site = new AlarmSite(join(dir, 'site'));
  const trial = new TrialRun(namespace, dir);
  try {
    const broker = await site.start();
    const args = ['--site', SITE_ID, '--device', DEVICE, '--broker', broker];
    trial.start({ config, identity, rootDir, dataDir, args, env: [] });
    const stand = { ...image, trial, site, dataDir, beganMs: systemClock.monoMs() };
    await checkHealth(stand);
    await checkConfinement(stand);
    await checkPress(stand);
    await checkParts(trial, findings);
    await checkFrozen(stand);
  } finally {
    await trial.stop();
    await site.close();
  }
}

/** What a technician leaves on the card: profile and voice, made on this machine. */
async function preparedFolder(dir: string, { uid, gid }: Identity): Promise<string> {
  const dataDir = join(dir, 'data');
  mkdirSync(dataDir);
  await prepareDevice({
    profile: join(ROOT, DEMO_DEVICES[DEVICE]),
    siteFile: join(ROOT, 'device-profiles/sites/demo.yaml'),
    ...{ device: DEVICE, dataDir, clips: null, say: () => undefined },
  });
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(dataDir, name), uid, gid);
  chownSync(dataDir, uid, gid);
  return dataDir;
}

async function checkHealth({ trial, config, findings, beganMs }: Stand): Promise<void> {
  const early = await until(trial, ARMED_LIMIT_MS, async () => {
    const answer = await trial.exec(config.healthCheck);
    return /not armed|alive/.test(answer.said) ? answer : null;
  });
  const healthy = await until(trial, ARMED_LIMIT_MS, async () => {
    const answer = await trial.exec(config.healthCheck);
    return answer.code === 0 ? answer : null;
  });
  findings.add({
    what: 'the health check tells an armed agent from one that starts',
    holds: early !== null && early.code !== 0 && healthy !== null,
    seen: `"${early?.said}"; after ${seconds(beganMs)}: "${healthy?.said ?? trial.said.slice(-600)}"`,
  });
}

/** By what the kernel says of the process, not by what was asked for. */
async function checkConfinement({ trial, findings }: Stand): Promise<void> {
  const status = await trial.exec([
    '/bin/sh',
    '-c',
    'cat /proc/$(cut -d" " -f2 "$WATCHPOST_ALIVE_FILE")/status',
  ]);
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status.said)?.[1] ?? '';
  const [uid, rights, locked] = [field('Uid'), field('CapBnd'), field('NoNewPrivs')];
  findings.add({
    what: 'it runs without rights, and can gain none',
    holds: Number(uid) >= 1000 && /^0+$/.test(rights) && locked === '1',
    seen: `uid ${uid}, CapBnd ${rights}, NoNewPrivs ${locked}`,
  });
  const places = ['/opt/watchpost/x', '/etc/x', '/usr/x', '/var/x'];
  const tries = await trial.exec([
    '/bin/sh',
    '-c',
    `for file in ${places.join(' ')}; do touch $file && echo "$file"; done; true`,
  ]);
  const mount = await trial.exec(['/bin/sh', '-c', 'grep " / " /proc/mounts']);
  findings.add({
    what: 'its root is read-only',
    holds: / ro[, ]/.test(mount.said) && places.every((file) => !tries.said.split('\n').includes(file)),
    seen: mount.said.split(' ').slice(0, 4).join(' ').slice(0, 60),
  });
}

async function checkPress({ trial, site, dataDir, findings, beganMs }: Stand): Promise<void> {
  const armed = seconds(beganMs);
  const answer = await askSim(dataDir, { request: 'press' }, { waitMs: SEEN_LIMIT_MS });
  const pressedMs = systemClock.monoMs();
  const id = answer.ok ? answer.id : undefined;
  const seen = await until(trial, SEEN_LIMIT_MS, async () => {
    const items = await site.items('events?type=wp.panic.pressed.v1&limit=10');
    return items.find((item) => item.id === id) ?? null;
  });
  findings.add({
    what: 'a press is seen by the broker',
    holds: id !== undefined && seen !== null,
    seen: `${seconds(beganMs)} after the start (armed after ${armed}; ${seconds(pressedMs)} after it was in the journal)`,
  });
}

/** An agent that stands still: Docker does not end it, the health check does. */
async function checkFrozen({ trial, config, findings }: Stand): Promise<void> {
  const stop = await trial.exec(['/bin/sh', '-c', 'kill -STOP $(cut -d" " -f2 "$WATCHPOST_ALIVE_FILE")']);
  const said = await until(trial, FROZEN_LIMIT_MS, async () => {
    const answer = await trial.exec(config.healthCheck);
    return answer.said.includes('ended process') ? answer.said : null;
  });
  const isOver = await until(null, FROZEN_LIMIT_MS, async () => (trial.isRunning ? null : true));
  findings.add({
    what: 'an agent that stands still is ended by the health check',
    holds: stop.code === 0 && said !== null && isOver === true,
    seen: said ?? 'it was not',
  });
}

/** Looks again and again; null when the time is over, or the trial is. */
async function until<T>(
  trial: TrialRun | null,
  limitMs: number,
  look: () => Promise<T | null>,
): Promise<T | null> {
  const endMs = systemClock.monoMs() + limitMs;
  while (systemClock.monoMs() < endMs) {
    const found = await look();
    if (found !== null) return found;
    if (trial !== null && !trial.isRunning)
      throw new WatchpostError('WP5064', { detail: `the agent ended: ${trial.said.slice(-1500)}` });
    await wait(systemClock, LOOK_EVERY_MS);
  }
  return null;
}

const seconds = (sinceMs: number): string => `${((systemClock.monoMs() - sinceMs) / 1000).toFixed(1)} s`;
