import t from 'tap';
import {
  ended,
  type Found,
  judgeStart,
  lasted,
  SAFE_AFTER_CRASHES,
  type StartRecord,
} from '#agent/core/starts/judge-start.ts';

const found = (more: Partial<Found> = {}): Found => ({
  ...{ bootId: 'boot-1', profile: 'p1', goodProfile: null, lastEnd: null, wasReset: false },
  ...more,
});
const begin = (record: StartRecord | null, more: Partial<Found> = {}) => judgeStart(record, found(more));
const first = () => begin(null).record;

/** So many starts, each after a crash. */
function crashed(record: StartRecord, times: number, more: Partial<Found> = {}) {
  let step = begin(record, more);
  for (let n = 1; n < times; n += 1) step = begin(step.record, more);
  return step;
}

t.test('how the last run ended is told by what it left', async (t) => {
  const causeAfter = (record: StartRecord | null, more: Partial<Found> = {}) =>
    begin(record, more).start.cause;
  const end = (result: string, bootId = 'boot-1') => ({ lastEnd: { bootId, result } });
  t.equal(causeAfter(null), 'first');
  t.equal(causeAfter(ended(first(), 'normal')), 'ordered');
  t.equal(causeAfter(ended(first(), 'normal'), { bootId: 'boot-2' }), 'ordered');
  t.equal(causeAfter(first()), 'crash');
  t.equal(causeAfter(first(), end('watchdog')), 'watchdog');
  t.equal(causeAfter(first(), end('oom-kill')), 'memory');
  t.equal(causeAfter(first(), end('timeout')), 'timeout');
  t.equal(causeAfter(first(), end('exit-code')), 'crash');
  t.equal(causeAfter(first(), end('watchdog', 'boot-0')), 'crash', 'an end of another boot says nothing');
  t.equal(causeAfter(first(), { bootId: 'boot-2' }), 'power');
  t.equal(causeAfter(first(), { bootId: 'boot-2', wasReset: true }), 'reset');
  t.equal(causeAfter(first(), { wasReset: true }), 'crash', 'the machine was not reset since');
});

t.test('so many crashes in a row lead to safe mode, and power cuts do not', async (t) => {
  t.equal(crashed(first(), SAFE_AFTER_CRASHES - 1).start.mode, 'normal');
  const { start } = crashed(first(), SAFE_AFTER_CRASHES);
  t.match(start, { mode: 'safe', before: 'normal', crashes: SAFE_AFTER_CRASHES, safeForMs: 3_600_000 });
  let record = first();
  for (let n = 2; n < 20; n += 1) record = begin(record, { bootId: `boot-${n}` }).record;
  t.equal(record.run.mode, 'normal');
});

t.test('a run that lasted ends the row', async (t) => {
  const { record } = crashed(first(), SAFE_AFTER_CRASHES - 1);
  const { start } = begin(lasted(record));
  t.match(start, { crashes: 1, mode: 'normal' });
  t.equal(lasted(lasted(record)).healthyRuns, 1, 'a run lasts once');
});

t.test('safe mode outlives a power cut, and an ordered end leaves it', async (t) => {
  const safe = crashed(first(), SAFE_AFTER_CRASHES).record;
  t.equal(begin(safe, { bootId: 'boot-2' }).start.mode, 'safe');
  t.match(begin(ended(safe, 'normal')).start, { mode: 'normal', before: 'safe', crashes: 0 });
});

t.test('left on probation, one more crash leads back to it, for twice as long', async (t) => {
  const safe = crashed(first(), SAFE_AFTER_CRASHES).record;
  const trial = begin(ended(safe, 'probation'));
  t.match(trial.start, { mode: 'normal', cause: 'ordered' });
  t.match(begin(trial.record).start, { mode: 'safe', safeForMs: 2 * 3_600_000 });
  t.match(begin(lasted(trial.record)).start, { mode: 'normal', crashes: 1 });
  let record = trial.record;
  for (let n = 0; n < 12; n += 1) record = begin(ended(begin(record).record, 'probation')).record;
  t.equal(begin(record).start.safeForMs, 24 * 3_600_000, 'a day at most');
});

t.test('a profile that cannot be read gives way to the last good one', async (t) => {
  t.equal(begin(first(), { profile: '', goodProfile: 'p0' }).start.profile, 'good');
  t.equal(begin(first(), { profile: '', goodProfile: null }).start.profile, 'own', 'there is no other');
});

t.test('a new profile that brings two runs down gives way; a newer one is tried', async (t) => {
  const good = lasted(first());
  t.equal(good.goodProfile, 'p1');
  const more = { profile: 'p2', goodProfile: 'p1' };
  const trial = begin(ended(good, 'normal'), more);
  const second = begin(trial.record, more);
  t.equal(second.start.profile, 'own', 'once is bad luck');
  const third = begin(second.record, more);
  t.equal(third.start.profile, 'good');
  t.equal(begin(lasted(third.record), more).start.profile, 'good', 'also when the good one has lasted');
  t.equal(begin(third.record, { ...more, profile: 'p3' }).start.profile, 'own');
});

t.test('a profile that a run has lasted with is not given up for later crashes', async (t) => {
  const good = lasted(first());
  const more = { profile: 'p1', goodProfile: 'p1' };
  const { start } = crashed(good, SAFE_AFTER_CRASHES, more);
  t.match(start, { profile: 'own', mode: 'safe' });
});

t.test('what a safe run lasted with is not known to be a good profile', async (t) => {
  const safe = crashed(first(), SAFE_AFTER_CRASHES).record;
  t.match(lasted(safe), { goodProfile: null, crashes: SAFE_AFTER_CRASHES, healthyRuns: 1 });
});

t.test('crashes of a bundle on trial are counted by its slots: no step towards safe mode', async (t) => {
  const trial = { profile: 'p2', isTrial: true };
  const { record, start } = crashed(begin(null, trial).record, SAFE_AFTER_CRASHES + 2, trial);
  t.match(start, { cause: 'crash', crashes: 0, mode: 'normal' });
  const back = begin(record);
  t.equal(back.start.crashes, 0);
  t.equal(begin(back.record).start.crashes, 1, 'what is confirmed counts as ever');
});
