import t, { type Test } from 'tap';
import type { EventItem } from '#contract/http.ts';
import type { Child } from '#scripts/site/child.ts';
import { type TestSite, until } from '#test/support/site.ts';
import {
  alarmsOf,
  BUTTONS,
  idsOf,
  judgeAlarms,
  layOut,
  ledgerOf,
  letGo,
  pressTimes,
  startAgain,
  startDevice,
  startSite,
  untilDelivered,
} from './support/bench.ts';
import { SmallDisk } from './support/small-disk.ts';

const DEVICE = 'pillar-001';
/** Room for both databases, the ballast and little else. */
const DISK_MIB = 8;
/** As in the profile. */
const BALLAST_BYTES = 1024 * 1024;
const skip = SmallDisk.refusal();
/** Bound of presses against a full disk until one is refused. */
const MOST_PRESSES = 400;

interface Full {
  readonly site: TestSite;
  readonly disk: SmallDisk;
  readonly agent: Child;
}

/** A device on a disk of its own, with the site gone. */
async function onSmallDisk(t: Test): Promise<Full> {
  const site = await startSite(t);
  const disk = SmallDisk.mount(t, site.folder(DEVICE), DISK_MIB);
  layOut(site, DEVICE, { profile: 'telltale' });
  const agent = await startDevice(site, DEVICE);
  await until('the ballast is held', async () => disk.sizeOf('ballast') >= BALLAST_BYTES);
  await site.broker.stop();
  return { site, disk, agent };
}

/** Telemetry is written once in a minute while there is no site, and at a clean end: so it ends, and starts again. */
async function makeTelemetry({ site, agent }: Full): Promise<void> {
  for (const crossings of [2, 2, 2]) {
    await makeEvents(site, crossings);
    await agent.stop();
    await startAgain(agent);
  }
}

/** A sensor that crosses its threshold to and fro: two events each time. */
async function makeEvents(site: TestSite, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const value = n % 2 === 0 ? 99 : 0;
    const { event = 0 } = (await site.state(DEVICE)).queues;
    await site.sim({ request: 'sensor', name: 'level', value }, DEVICE);
    await until(
      'the crossing is recorded',
      async () => ((await site.state(DEVICE)).queues.event ?? 0) > event,
    );
  }
}

const dropped = (events: readonly EventItem[], lane: string) =>
  events.filter(({ type, data }) => type === 'wp.lane.dropped.v1' && data.lane === lane);

/** What the site was told is missing, and what it holds, have no number in common and leave none out. */
function gapsOf(events: readonly EventItem[], lane: string): number[] {
  const held = events.filter(({ wplane }) => wplane === lane);
  const seqs = new Set(held.map(({ wpseq }) => wpseq));
  for (const { data } of dropped(events, lane)) {
    for (let seq = Number(data.from); seq <= Number(data.to); seq += 1) seqs.add(seq);
  }
  const highest = Math.max(0, ...held.map(({ wpseq = 0 }) => wpseq));
  return Array.from({ length: highest }, (_, index) => index + 1).filter((seq) => !seqs.has(seq));
}

/**
 * Presses until one is answered as not stored. The journal gives back its own reserves on the way, and another program
 * takes each of them at once.
 */
async function pressUntilRefused({ site, disk }: Full): Promise<string[]> {
  const confirmed: string[] = [];
  for (let n = 0; n < MOST_PRESSES; n += 1) {
    disk.fill();
    const name = BUTTONS[n % BUTTONS.length] ?? 'b0';
    const answer = await site.sim({ request: 'press', name }, DEVICE);
    await letGo(site, DEVICE, name);
    if (!answer.ok) return confirmed;
    confirmed.push(answer.id ?? '');
  }
  throw new TypeError(`${MOST_PRESSES} presses and the disk took them all`);
}

t.test('on a full disk telemetry goes first, then events, and every press is kept', { skip }, async (t) => {
  const full = await onSmallDisk(t);
  const { site, disk } = full;
  await makeTelemetry(full);
  t.ok(((await site.state(DEVICE)).queues.telemetry ?? 0) > 0, 'telemetry is on the disk');
  disk.fill();
  const confirmed = await pressTimes(site, DEVICE, 40);
  t.equal(confirmed.length, 40, 'forty presses on a disk without a free block');
  t.match((await site.state(DEVICE)).lamp, /waiting/, 'the device says that they wait');
  disk.empty();
  await startAgain(site.broker);
  await untilDelivered(site, DEVICE, confirmed);
  await judgeAlarms(t, site, DEVICE, confirmed);
  await until('events and telemetry are delivered', async () => {
    const { event, telemetry } = (await site.state(DEVICE)).queues;
    return event === 0 && telemetry === 0;
  });
  const events = await ledgerOf(site, DEVICE);
  t.ok(dropped(events, 'telemetry').length > 0, 'that telemetry has gone is declared');
  t.same(gapsOf(events, 'telemetry'), [], 'every number of the telemetry lane is there or declared');
  t.same(gapsOf(events, 'event'), [], 'every number of the event lane is there or declared');
});

t.test('an alarm that cannot be stored while the link is down goes out later, once', { skip }, async (t) => {
  const full = await onSmallDisk(t);
  const { site, disk } = full;
  const confirmed = await pressUntilRefused(full);
  const state = await until('the device says so', async () => {
    const now = await site.state(DEVICE);
    return now.lamp === 'unstored' ? now : null;
  });
  t.equal(state.panic, 'unstored');
  const before = (await site.state(DEVICE)).queues.alarm ?? 0;
  t.ok(before > confirmed.length, 'what could not be stored waits in memory');
  await startAgain(site.broker);
  // The device cannot even note down here what the ledger has: that comes with room.
  await until(
    'all that waited is on the ledger',
    async () => (await alarmsOf(site, DEVICE)).length >= before,
  );
  const alarms = await alarmsOf(site, DEVICE);
  const unstored = alarms.filter(({ wpstored }) => wpstored === false);
  t.equal(alarms.length, before, 'all that waited is on the ledger');
  t.equal(unstored.length, before - confirmed.length, 'what was not stored says so');
  t.same(
    unstored.filter(({ wpseq }) => wpseq !== undefined),
    [],
    'and has no number',
  );
  t.equal(new Set(idsOf(alarms)).size, alarms.length, 'each once');
  disk.empty();
  confirmed.push(...(await pressTimes(site, DEVICE, 3)));
  await untilDelivered(site, DEVICE, confirmed);
  await judgeAlarms(t, site, DEVICE, confirmed);
});
