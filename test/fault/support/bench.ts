import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { resolveProfile } from '#agent/profile/resolve.ts';
import type { EventItem } from '#contract/http.ts';
import type { Child } from '#scripts/site/child.ts';
import type { PreparedClips } from '#scripts/site/clips.ts';
import { SITE_ID } from '#scripts/site/demo-site.ts';
import { TestSite, until } from '#test/support/site.ts';

const PROFILES = new URL('../profiles/', import.meta.url).pathname;
export const BUTTONS = ['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7'] as const;

const ignoreEnd = () => undefined;

/** A broker that runs. */
export async function startSite(t: Test, brokerArgs: readonly string[] = []): Promise<TestSite> {
  const site = await TestSite.make(t, brokerArgs);
  await site.broker.start(ignoreEnd);
  return site;
}

/** A device's folder with a profile of this suite and no rendered voice: nothing here waits for an engine. */
export function layOut(
  site: TestSite,
  device: string,
  { profile = 'eight-buttons', clips }: { profile?: string; clips?: PreparedClips } = {},
): void {
  const dir = site.folder(device);
  mkdirSync(dir, { recursive: true });
  const resolved = resolveProfile({
    file: join(PROFILES, `${profile}.yaml`),
    device,
    drivers: DRIVER_SCHEMAS,
  });
  writeFileSync(join(dir, 'profile.json'), JSON.stringify(resolved.profile));
  if (clips !== undefined) writeFileSync(join(dir, 'sim.json'), JSON.stringify(clips));
}

/** Starts an agent in a folder that was laid out; answers its process. */
export async function startDevice(
  site: TestSite,
  device: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const child = site.agent(device, { env });
  await child.start(ignoreEnd);
  return child;
}

/** Starts a killed process again. */
export const startAgain = (child: Child) => child.start(ignoreEnd);

/** One press: its id when it was confirmed, and null when nobody answered for it or it was refused. */
export async function tryPress(site: TestSite, device: string, name = 'b0'): Promise<string | null> {
  try {
    const answer = await site.sim({ request: 'press', name }, device);
    return answer.ok ? (answer.id ?? null) : null;
  } catch {
    return null; // The device died with the press in its hands: nothing was promised.
  }
}

/** Lets go, however often the device dies meanwhile: a real button comes up too. */
export function letGo(site: TestSite, device: string, name = 'b0'): Promise<true> {
  return until(`${name} is let go`, async () => {
    try {
      return (await site.sim({ request: 'release', name }, device)).ok;
    } catch {
      return false; // It is being started again.
    }
  });
}

/** Presses and lets go; throws where the press was not confirmed. */
export async function press(site: TestSite, device: string, name = 'b0'): Promise<string> {
  const id = await tryPress(site, device, name);
  await letGo(site, device, name);
  if (id === null) throw new TypeError(`${device}: a press of ${name} was not confirmed`);
  return id;
}

/** As many presses as asked for, round the buttons, each confirmed. */
export async function pressTimes(site: TestSite, device: string, times: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < times; n += 1) ids.push(await press(site, device, BUTTONS[n % BUTTONS.length]));
  return ids;
}

/** Everything that the ledger holds of a device, in the order of its rows. */
export async function ledgerOf(site: TestSite, device: string): Promise<EventItem[]> {
  const all: EventItem[] = [];
  for (let after = ''; ; ) {
    const { status, body } = await site.request(
      'GET',
      `events?device=${SITE_ID}.${device}&limit=1000${after}`,
    );
    if (status !== 200) throw new TypeError(`HTTP ${status}: ${JSON.stringify(body)}`);
    const { items, next }: { items: EventItem[]; next: string | null } = Object(body);
    all.push(...items);
    if (next === null) return all.reverse();
    after = `&after=${next}`;
  }
}

export async function alarmsOf(site: TestSite, device: string): Promise<EventItem[]> {
  return (await ledgerOf(site, device)).filter(({ wplane }) => wplane === 'alarm');
}

export const idsOf = (events: readonly EventItem[]): string[] => events.map(({ id }) => id);

/** Waits until these are on the ledger and the device has nothing left to deliver in the alarm lane. */
export async function untilDelivered(
  site: TestSite,
  device: string,
  ids: readonly string[],
  withinMs = 20_000,
): Promise<void> {
  await until(
    `${device} has delivered its alarms`,
    async () => {
      const { queues, link } = await site.state(device);
      return link === 'up' && queues.alarm === 0;
    },
    withinMs,
  );
  await until(
    `the ledger holds ${ids.length} alarms of ${device}`,
    async () => {
      const held = new Set(idsOf(await alarmsOf(site, device)));
      return ids.every((id) => held.has(id));
    },
    withinMs,
  );
}

/** Ids of the alarms of every incident, each as often as it is named. */
export async function incidentAlarms(site: TestSite): Promise<string[]> {
  const details = await Promise.all((await site.incidents('?limit=1000')).map(({ id }) => site.incident(id)));
  return details.flatMap(({ alarms }) => alarms.map(({ eventId }) => eventId));
}

/** The promise of the design, on a ledger that has settled: once, in order, and each in one incident. */
export async function judgeAlarms(
  t: Pick<Test, 'same' | 'equal' | 'test'>,
  site: TestSite,
  device: string,
  confirmed: readonly string[],
): Promise<EventItem[]> {
  const alarms = await alarmsOf(site, device);
  const ids = idsOf(alarms);
  const known = new Set(confirmed);
  t.same(
    ids.filter((id) => known.has(id)),
    confirmed,
    'every confirmed press once, in the order of the presses',
  );
  t.equal(new Set(ids).size, ids.length, 'no event twice');
  t.same(disorderOf(alarms), [], 'numbers go up within each epoch, none twice');
  const named = await incidentAlarms(site);
  t.equal(new Set(named).size, named.length, 'no alarm is in an incident twice');
  const inIncident = new Set(named);
  t.same(
    ids.filter((id) => !inIncident.has(id)),
    [],
    'every alarm is in an incident',
  );
  return alarms;
}

/** Alarms whose number is not above all before it in its epoch. */
function disorderOf(alarms: readonly EventItem[]): string[] {
  const highest = new Map<string, number>();
  return alarms.flatMap(({ id, wpepoch, wpseq }) => {
    if (wpseq === undefined) return [];
    const before = highest.get(wpepoch) ?? 0;
    highest.set(wpepoch, Math.max(before, wpseq));
    return wpseq > before ? [] : [`${id} ${wpepoch} ${wpseq}`];
  });
}

/** The process id of the vision child, or null while there is none. */
export function visionPid(agent: Child): number | null {
  const { pid } = agent;
  if (pid === undefined) return null;
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return children.map(Number).find(isVision) ?? null;
  } catch {
    return null; // The agent has just ended.
  }
}

function isVision(pid: number): boolean {
  try {
    return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('vision/main.ts');
  } catch {
    return false; // It has just ended.
  }
}
