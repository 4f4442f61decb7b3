import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import t from 'tap';
import { FAILPOINTS, type FailpointName } from '#agent/core/failpoints.ts';
import { seeded } from '#test/support/random.ts';
import { removeDir, tempDir } from '../support/device.ts';
import { KillSite } from './site.ts';

const CHILD = new URL('./child.ts', import.meta.url).pathname;
const SEED = 20_261_122;
const RANDOM_KILLS = 6;
/** A device that is not killed at its point within this many claims never reaches it. */
const CLAIMS_WITHOUT_DEATH = 400;

t.setTimeout(120_000);

/** Ended with the test, however it ends. */
const children = new Set<ChildProcess>();
t.teardown(() => {
  for (const child of children) child.kill('SIGKILL');
});

interface Claims {
  readonly alarms: string[];
  readonly events: string[];
}

interface Life {
  readonly process: ChildProcess;
  /** Resolves when the process has ended and everything it wrote was read. */
  readonly ended: Promise<{ signal: string | null; code: number | null }>;
}

function live(args: readonly string[], claims: Claims, onClaim: (life: ChildProcess) => void): Life {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  child.on('exit', () => children.delete(child));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [word, id = ''] = line.split(' ');
    if (word === 'alarm') claims.alarms.push(id);
    if (word === 'event') claims.events.push(id);
    onClaim(child);
  });
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(([[code, signal]]) => ({
    code,
    signal,
  }));
  return { process: child, ended };
}

/** Runs a device until `kill` (or its failpoint) ends it. */
async function work(
  dir: string,
  site: KillSite,
  claims: Claims,
  kill: (life: ChildProcess, claimed: number) => void,
  at: string[] = [],
) {
  let claimed = 0;
  const life = live([dir, site.broker.url, 'work', ...at], claims, (child) => {
    claimed += 1;
    kill(child, claimed);
  });
  return life.ended;
}

async function drain(dir: string, site: KillSite): Promise<number | null> {
  const nothing: Claims = { alarms: [], events: [] };
  const { code } = await live([dir, site.broker.url, 'drain'], nothing, () => undefined).ended;
  return code;
}

function judge(
  t: Pick<typeof import('tap').default, 'same' | 'equal'>,
  site: KillSite,
  claims: Claims,
): void {
  const alarms = site.ledger.ofLane('alarm').map(({ id }) => id);
  const claimed = new Set(claims.alarms);
  t.same(
    alarms.filter((id) => claimed.has(id)),
    claims.alarms,
    'every claimed press once and in order',
  );
  const events = new Set(site.ledger.ofLane('event').map(({ id }) => id));
  t.same(
    claims.events.filter((id) => !events.has(id)),
    [],
    'every claimed event is there',
  );
}

/** Points that are passed at start are met later, so that there is something to lose. */
const SKIPS: Partial<Record<FailpointName, number>> = {
  'journal.alarm.before-commit': 5,
  'journal.alarm.after-commit': 5,
  'journal.event.before-commit': 8,
  'journal.event.after-commit': 8,
  'outbox.after-puback': 4,
};

for (const name of FAILPOINTS) {
  t.test(`a kill at ${name} loses and doubles nothing`, async (t) => {
    const dir = tempDir();
    const site = await new KillSite().start();
    t.teardown(async () => {
      await site.close();
      removeDir(dir);
    });
    if (name.startsWith('journal.epoch')) {
      site.forge = (receipt) => ({ ...receipt, upTo: receipt.upTo + 1000, atId: 'a-life-before' });
    }
    const claims: Claims = { alarms: [], events: [] };
    const overdue = (child: ChildProcess, claimed: number) => {
      if (claimed === CLAIMS_WITHOUT_DEATH) child.kill('SIGTERM');
    };
    const { signal } = await work(dir, site, claims, overdue, [name, String(SKIPS[name] ?? 0)]);
    t.equal(signal, 'SIGKILL', 'the point was reached');
    t.equal(await drain(dir, site), 0);
    judge(t, site, claims);
    t.equal(site.ledger.conflicts, 0, 'no number was used twice');
  });
}

t.test(`kills at random moments lose and double nothing (seed ${SEED})`, async (t) => {
  const random = seeded(SEED);
  const dir = tempDir();
  const site = await new KillSite().start();
  t.teardown(async () => {
    await site.close();
    removeDir(dir);
  });
  const claims: Claims = { alarms: [], events: [] };
  for (let kills = 0; kills < RANDOM_KILLS; kills += 1) {
    const after = 1 + random(60);
    const { signal } = await work(dir, site, claims, (child, claimed) => {
      if (claimed === after) child.kill('SIGKILL');
      if (claimed === after >> 1 && random(2) === 0) site.broker.cut();
    });
    t.equal(signal, 'SIGKILL');
  }
  t.equal(await drain(dir, site), 0);
  t.ok(claims.alarms.length >= RANDOM_KILLS);
  judge(t, site, claims);
  t.equal(site.ledger.conflicts, 0, 'no number was used twice');
});
