import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '#contract/clock.ts';
import type { Child } from '#scripts/site/child.ts';
import { prepareClips } from '#scripts/site/clips.ts';
import { type TestSite, until } from '#test/support/site.ts';
import {
  BUTTONS,
  judgeAlarms,
  layOut,
  ledgerOf,
  press,
  startDevice,
  startSite,
  untilDelivered,
  visionPid,
} from './support/bench.ts';

const DEVICE = 'robot-001';
const SPIN = new URL('./support/spin-on-signal.ts', import.meta.url).href;
const PRESSES = 16;
/**
 * How much longer a press may take beside a vision process gone wild: one core of two is taken then, so that twice as
 * long is nothing unusual; a press that waited for vision would take the seconds of its watchdog.
 */
const BOUND = 5;

/** Clock ticks of processor time that a process has used (proc(5), stat, utime). */
function processorTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]);
}

const processState = (pid: number): string | undefined =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];

/** From the press to the receipt, which follows the ledger's commit, by this process's clock. */
async function timePresses(site: TestSite, ids: string[]): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < PRESSES; n += 1) {
    const startMs = systemClock.monoMs();
    ids.push(await press(site, DEVICE, BUTTONS[n % BUTTONS.length]));
    while ((await site.state(DEVICE)).queues.alarm !== 0);
    times.push(systemClock.monoMs() - startMs);
  }
  return times.sort((a, b) => a - b)[PRESSES >> 1] ?? 0;
}

const untilWatching = (site: TestSite, agent: Child, not: number | null) =>
  until('vision judges frames', async () => {
    const pid = visionPid(agent);
    if (pid === null || pid === not) return null;
    return processorTicks(pid) > 0 && (await healthOf(site)) !== 'failed' ? pid : null;
  });

async function healthOf(site: TestSite): Promise<string | undefined> {
  const { body } = await site.request('GET', `devices/demo.${DEVICE}`);
  return Object(body).state?.health?.vision;
}

const untilOk = (site: TestSite) =>
  until('vision is well', async () => (await healthOf(site)) === 'ok', 60_000);

const failures = async (site: TestSite) =>
  (await ledgerOf(site, DEVICE)).filter(
    ({ type, data }) => type === 'wp.health.changed.v1' && data.part === 'vision' && data.state === 'failed',
  );

t.test(
  'a press is as fast beside a vision process that spins or is stopped, without any voice',
  async (t) => {
    const clips = await prepareClips({ say: (line) => t.comment(line) });
    if (clips === null)
      return t.pass('', { skip: 'no GStreamer here: there is no vision process to go wrong' });
    const site = await startSite(t);
    layOut(site, DEVICE, { profile: 'wordless-robot', clips });
    const noSound = { PULSE_SERVER: 'unix:/nonexistent', PIPEWIRE_REMOTE: '/nonexistent' };
    const agent = await startDevice(site, DEVICE, { NODE_OPTIONS: `--import ${SPIN}`, ...noSound });
    t.notOk(existsSync(join(site.folder(DEVICE), 'voice')), 'nothing was rendered to be spoken');
    await untilOk(site);
    const ids: string[] = [];
    await timePresses(site, ids);
    const undisturbed = await timePresses(site, ids);

    const spinning = await untilWatching(site, agent, null);
    process.kill(spinning, 'SIGUSR2');
    const ticks = processorTicks(spinning);
    const beside = await timePresses(site, ids);
    t.equal(visionPid(agent), spinning, 'it was there all the time');
    t.ok(processorTicks(spinning) > ticks, 'and busy');
    await until('the watchdog has said it', async () => (await failures(site)).length === 1);
    await untilOk(site);

    const stopped = await untilWatching(site, agent, spinning);
    process.kill(stopped, 'SIGSTOP');
    await until('it is stopped', async () => processState(stopped) === 'T');
    const without = await timePresses(site, ids);
    t.equal(visionPid(agent), stopped, 'it was stopped all the time');
    await until('the watchdog has said it', async () => (await failures(site)).length === 2);
    await untilOk(site);

    const ratios = { spinning: beside / undisturbed, stopped: without / undisturbed };
    t.comment(`median press to receipt, as a multiple of the undisturbed: ${JSON.stringify(ratios)}`);
    t.ok(ratios.spinning < BOUND, 'spinning');
    t.ok(ratios.stopped < BOUND, 'stopped');
    await untilDelivered(site, DEVICE, ids);
    await judgeAlarms(t, site, DEVICE, ids);
    t.equal((await failures(site)).length, 2, 'each failure of vision was said once');
    t.same(
      (await failures(site)).map(({ data }) => data.code),
      ['WP2405', 'WP2405'],
      'by the watchdog',
    );
  },
);
