import { join } from 'node:path';
import t from 'tap';
import { FAILPOINTS, type FailpointName } from '#agent/core/failpoints.ts';
import { askSim } from '#scripts/commands/sim-client.ts';
import type { Child } from '#scripts/site/child.ts';
import { type TestSite, until } from '#test/support/site.ts';
import {
  BUTTONS,
  judgeAlarms,
  layOut,
  letGo,
  press,
  pressTimes,
  startDevice,
  startSite,
  untilDelivered,
} from './support/bench.ts';
import { copyJournal } from './support/journal-file.ts';

const DEVICE = 'pillar-001';
/** A point that so many presses do not reach is reached by none. */
const MOST_PRESSES = 24;
/** Met at every start: passed a few times first, so that there is something to lose. */
const SKIPS: Partial<Record<FailpointName, number>> = {
  'journal.alarm.before-commit': 2,
  'journal.alarm.after-commit': 2,
  'journal.event.before-commit': 2,
  'journal.event.after-commit': 2,
  'outbox.after-puback': 2,
};

t.test('an agent that dies at any point of journal, outbox or link keeps every promise', async (t) => {
  const site = await startSite(t);
  layOut(site, DEVICE);
  const first = await startDevice(site, DEVICE);
  const confirmed = [await press(site, DEVICE)];
  await untilDelivered(site, DEVICE, confirmed);
  await first.stop();
  for (const name of FAILPOINTS) {
    if (name.startsWith('journal.epoch')) await rewind(site, confirmed);
    await dieAt(site, name, confirmed);
    const agent = await startDevice(site, DEVICE);
    for (const button of BUTTONS) await letGo(site, DEVICE, button);
    confirmed.push(...(await pressTimes(site, DEVICE, 2)));
    await untilDelivered(site, DEVICE, confirmed);
    await agent.stop();
    t.pass(`died at ${name} and came back`);
  }
  const agent = await startDevice(site, DEVICE);
  await untilDelivered(site, DEVICE, confirmed);
  await judgeAlarms(t, site, DEVICE, confirmed);
  await agent.stop();
});

/** Presses until the point is reached; the process must have died there by its own hand. */
async function dieAt(site: TestSite, name: FailpointName, confirmed: string[]): Promise<void> {
  const env = { WATCHPOST_FAILPOINT: `${name}:${SKIPS[name] ?? 0}` };
  const child: Child = site.agent(DEVICE, { env });
  let ended: string | null = null;
  const started = child.start((_code, signal) => {
    ended = signal;
  });
  // One that dies before it is ready has died, which is what is asked of it.
  await started.catch(() => undefined);
  for (let n = 0; ended === null && n < MOST_PRESSES; n += 1) {
    const button = BUTTONS[n % BUTTONS.length] ?? 'b0';
    const id = await pressOf(site, button);
    if (id !== null) confirmed.push(id);
  }
  await until(`the agent has died at ${name}`, async () => ended !== null, 5_000);
  if (ended !== 'SIGKILL') throw new TypeError(`${name}: ended by ${ended}`);
}

/** A press and a release that do not wait for a device that is dead. */
async function pressOf(site: TestSite, name: string): Promise<string | null> {
  const ask = (request: 'press' | 'release') =>
    askSim(site.folder(DEVICE), { request, name }, { waitMs: 0 }).catch(() => null);
  const answer = await ask('press');
  await ask('release');
  return answer?.ok ? (answer.id ?? null) : null;
}

/** Leaves the device with a journal that is behind the site's: it must begin a new epoch. */
async function rewind(site: TestSite, confirmed: string[]): Promise<void> {
  copyJournal(site.folder(DEVICE), join(site.dir, 'copy'));
  const agent = await startDevice(site, DEVICE);
  confirmed.push(...(await pressTimes(site, DEVICE, 2)));
  await untilDelivered(site, DEVICE, confirmed);
  await agent.stop();
  copyJournal(join(site.dir, 'copy'), site.folder(DEVICE));
}
