import t from 'tap';
import { Rejections } from '#agent/behaviours/trial/rejections.ts';
import { HEALTHY_WITHIN_MS, Trial, type TrialCheck } from '#agent/behaviours/trial/trial.ts';
import type { RunningBundle, SlotDesk } from '#agent/ports/slots.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { FakeMemory, FakeRecorder, ManualDeviceClock, silentLog } from '../fakes.ts';

/** A desk of generation 7 on trial. */
class FakeDesk implements SlotDesk {
  readonly isLeaving = false;
  readonly done: string[] = [];
  readonly hasVoice = false;
  readonly agent = '*';
  damagedParts: string[] = [];
  lastRejection: string | null = null;
  running: RunningBundle = { generation: 7, digest: 'd', slot: 'b', state: 'trial', last: null };
  trial: SlotDesk['trial'];

  constructor(backTo: number | null) {
    this.trial = { backTo, sinceMs: 1_000 };
  }

  async damaged(): Promise<string[]> {
    return this.damagedParts;
  }

  async confirm(): Promise<void> {
    this.done.push('confirm');
  }

  async reject(code: ErrorCode): Promise<void> {
    this.done.push(`reject ${code}`);
    this.running = { ...this.running, last: { generation: 7, code } };
    this.lastRejection = `rejected by ${code}`;
  }

  async fallBack(): Promise<never> {
    throw new TypeError('nobody asked for it');
  }
}

function rig({ backTo = 6 }: { backTo?: number | null } = {}) {
  const clock = new ManualDeviceClock();
  const recorder = new FakeRecorder();
  const memory = new FakeMemory();
  const desk = new FakeDesk(backTo);
  const missing = new Map<string, string>();
  const seen = { restarts: 0, isFree: true, reports: [] as string[] };
  const check = (name: string, weight: TrialCheck['weight']): TrialCheck => ({
    ...{ name, weight, code: 'WP4216' },
    look: () => missing.get(name) ?? null,
  });
  const tell = new Rejections({ desk, recorder, memory });
  const trial = new Trial({
    ...{ desk, tell, recorder, clock, log: silentLog },
    facts: desk.trial ?? { backTo, sinceMs: 0 },
    withinMs: HEALTHY_WITHIN_MS,
    checks: [check('lamp', 'needed'), check('camera', 'wanted')],
    mayRestart: () => seen.isFree,
    restart: () => {
      seen.restarts += 1;
    },
    report: ({ state }) => seen.reports.push(state),
    onChange: () => undefined,
  });
  trial.start();
  t.teardown(() => trial.close());
  return { clock, recorder, memory, desk, missing, seen, trial, tell };
}

const typesOf = ({ events }: FakeRecorder) => events.map(({ type }) => type);

t.test('everything is in order: confirmed at the first look, and told with its time', async (t) => {
  const { clock, desk, recorder } = rig();
  await clock.advance(600);
  t.same(desk.done, ['confirm']);
  t.match(recorder.events, [{ type: 'wp.profile.confirmed.v1', data: { generation: 7, slot: 'b' } }]);
  await clock.advance(HEALTHY_WITHIN_MS);
  t.same(desk.done, ['confirm'], 'once');
});

t.test('what is wanted is waited for, and does not keep a bundle from being confirmed', async (t) => {
  const { clock, desk, missing } = rig();
  missing.set('camera', 'no picture yet');
  await clock.advance(HEALTHY_WITHIN_MS - 1_000);
  t.same(desk.done, []);
  await clock.advance(2_000);
  t.same(desk.done, ['confirm']);
});

t.test('what is needed and never comes: given up, and the device starts again', async (t) => {
  const { clock, desk, missing, seen, recorder, memory } = rig();
  missing.set('lamp', 'dark');
  await clock.advance(HEALTHY_WITHIN_MS - 1_000);
  t.same([desk.done, seen.restarts], [[], 0]);
  await clock.advance(2_000);
  t.same([desk.done, seen.restarts], [['reject WP4216'], 1]);
  t.same(typesOf(recorder), [], 'told by the run that follows');
  t.equal(memory.get('slots.why'), 'lamp: dark');
});

t.test('a board that answers late is no reason to give up', async (t) => {
  const { clock, desk, missing } = rig();
  missing.set('lamp', 'starting');
  await clock.advance(60_000);
  missing.delete('lamp');
  await clock.advance(600);
  t.same(desk.done, ['confirm']);
});

t.test('what ran before in this boot counts: two minutes over all starts', async (t) => {
  const { clock, desk, missing, seen } = rig();
  // The clock of the rig says that this boot is 1 s old; the trial began then.
  missing.set('lamp', 'dark');
  await clock.advance(HEALTHY_WITHIN_MS + 600);
  t.same(desk.done, ['reject WP4216']);
  t.equal(seen.restarts, 1);
  const late = rig();
  late.missing.set('lamp', 'dark');
  late.trial.close();
  await late.clock.advance(105_000);
  late.trial.start();
  await late.clock.advance(5_600);
  t.same(late.desk.done, ['reject WP4216'], '110 s after the first start, not 90 s after this one');
});

t.test('nobody who waits for help sees the device restart', async (t) => {
  const { clock, desk, missing, seen } = rig();
  missing.set('lamp', 'dark');
  seen.isFree = false;
  await clock.advance(HEALTHY_WITHIN_MS + 600_000);
  t.same([desk.done, seen.restarts], [['reject WP4216'], 0]);
  seen.isFree = true;
  await clock.advance(600);
  t.equal(seen.restarts, 1);
});

t.test('what the card lost since it was written is found before it is confirmed', async (t) => {
  const { clock, desk, seen } = rig();
  desk.damagedParts = ['voice/en/alarm.sent.wav'];
  await clock.advance(600);
  t.same(desk.done, ['reject WP4204']);
  t.equal(seen.restarts, 1);
});

t.test(
  'a first bundle that does not pass runs on, is told once, and is confirmed when it gets well',
  async (t) => {
    const { clock, desk, missing, seen, recorder } = rig({ backTo: null });
    missing.set('lamp', 'dark');
    await clock.advance(HEALTHY_WITHIN_MS + 30_000);
    t.same([desk.done, seen.restarts], [['reject WP4216'], 0]);
    t.match(recorder.events, [
      {
        type: 'wp.profile.rejected.v1',
        data: { generation: 7, phase: 'trial', backTo: null, detail: /dark/ },
      },
    ]);
    missing.delete('lamp');
    await clock.advance(600);
    t.same(desk.done, ['reject WP4216', 'confirm']);
  },
);

t.test('the run that follows tells what was given up, once, with what the trial found', async (t) => {
  const { recorder, memory, desk, tell } = rig();
  tell.later('lamp: dark');
  await desk.reject('WP4216');
  desk.trial = null;
  desk.running = { ...desk.running, generation: 6, state: 'confirmed' };
  new Rejections({ desk, recorder, memory }).tellLast();
  new Rejections({ desk, recorder, memory }).tellLast();
  t.match(recorder.events, [
    {
      type: 'wp.profile.rejected.v1',
      data: { generation: 7, code: 'WP4216', backTo: 6, detail: 'lamp: dark' },
    },
  ]);
});
