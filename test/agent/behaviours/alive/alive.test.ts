import t from 'tap';
import { Alive, type AliveParts, LASTS_AFTER_MS } from '#agent/behaviours/alive/alive.ts';
import type { Start } from '#agent/ports/starts.ts';
import { silentLog } from '#scripts/bench/silent-log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FakeRecorder } from '../fakes.ts';

const PLAIN: Start = {
  ...{ cause: 'ordered', starts: 7, crashes: 0, mode: 'normal', before: 'normal' },
  ...{ safeForMs: null, profile: 'own' },
};

function rig(start: Partial<Start>, parts: Partial<AliveParts> = {}) {
  const clock = new ManualClock();
  const recorder = new FakeRecorder();
  const done: string[] = [];
  const alive = new Alive({
    start: { ...PLAIN, ...start },
    notes: { healthy: () => done.push('healthy'), ended: (next) => done.push(`ended ${next}`) },
    overseer: { watchdogMs: 4000, alive: () => done.push('fed') },
    signs: [],
    restart: () => done.push('restart'),
    report: (part, { state, code }) => done.push(`${part} ${state} ${code}`),
    ...{ recorder, clock, log: silentLog },
    ...parts,
  });
  return { alive, clock, recorder, done };
}

t.test('a plain start says nothing, and notes when it has lasted', async (t) => {
  const { alive, clock, recorder, done } = rig({}, { overseer: null });
  alive.start();
  await clock.advance(LASTS_AFTER_MS - 1);
  t.strictSame(done, []);
  await clock.advance(1);
  t.strictSame(done, ['healthy']);
  t.strictSame(recorder.events, []);
  alive.close();
  t.equal(clock.pending, 0);
});

t.test('how the last run ended is told to the site', async (t) => {
  const { alive, recorder, done } = rig(
    { cause: 'watchdog', crashes: 4, mode: 'safe', safeForMs: 1e9 },
    { overseer: null },
  );
  alive.start();
  t.match(recorder.events, [
    { type: 'wp.agent.restarted.v1', data: { cause: 'watchdog', starts: 7, crashes: 4, safeMode: true } },
  ]);
  t.strictSame(done, ['safe-mode degraded WP2612']);
  alive.close();
});

t.test('so are the end of safe mode, and a profile that was not used', async (t) => {
  const left = rig({ before: 'safe' }, { overseer: null });
  left.alive.start();
  t.match(left.recorder.events, [{ data: { cause: 'ordered', safeMode: false } }]);
  left.alive.close();
  const other = rig({ profile: 'good' }, { overseer: null });
  other.alive.start();
  t.match(other.recorder.events, [{ data: { profile: 'good' } }]);
  t.strictSame(other.done, ['profile degraded WP2613']);
  other.alive.close();
});

t.test('safe mode ends by itself, on probation, where somebody starts the agent again', async (t) => {
  const start = { mode: 'safe', safeForMs: 3_600_000 } as const;
  const { alive, clock, done } = rig(start, { overseer: { watchdogMs: null, alive: () => undefined } });
  alive.start();
  await clock.advance(3_600_000);
  t.strictSame(done.slice(-2), ['ended probation', 'restart']);
  alive.close();
  const alone = rig(start, { overseer: null });
  alone.alive.start();
  await alone.clock.advance(3_600_000);
  t.notOk(alone.done.includes('restart'), 'better the alarm path than nothing');
  alone.alive.close();
});

t.test('the watchdog is fed while the alarm path answers, and not once it is closed', async (t) => {
  let works = true;
  const look = () => {
    if (!works) throw new TypeError('stuck');
  };
  const { alive, clock, done } = rig({}, { signs: [{ name: 'panic', look }] });
  const fed = () => done.filter((what) => what === 'fed').length;
  alive.start();
  await clock.advance(4000);
  t.equal(fed(), 5);
  works = false;
  await clock.advance(60_000);
  t.equal(fed(), 5);
  works = true;
  await clock.advance(1000);
  t.equal(fed(), 6);
  alive.close();
  await clock.advance(60_000);
  t.equal(fed(), 6);
});
