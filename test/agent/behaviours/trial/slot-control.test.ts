import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SlotControl } from '#agent/behaviours/trial/slot-control.ts';
import type { InstallOutcome } from '#agent/ports/installation.ts';
import type { SlotDesk } from '#agent/ports/slots.ts';
import { FakeRecorder, ManualDeviceClock, silentLog } from '../fakes.ts';

const desk: SlotDesk = {
  running: { generation: 5, digest: 'd', slot: 'a', state: 'confirmed', last: null },
  ...{ hasVoice: false, agent: '*', lastRejection: null, trial: null },
  isLeaving: false,
  damaged: async () => [],
  confirm: async () => undefined,
  reject: async () => undefined,
  fallBack: async () => ({ slot: 'b', generation: 4 }),
};
const ORDER = { blob: `bundle-${'a'.repeat(40)}`, sha256: 'a'.repeat(64) };

function rig(t: Test, outcome: (file: string) => InstallOutcome, slots: SlotDesk = desk) {
  const inbox = t.testdir();
  const file = join(inbox, `${ORDER.blob}.wpb`);
  writeFileSync(file, 'a bundle');
  const clock = new ManualDeviceClock();
  const recorder = new FakeRecorder();
  const seen = { isFree: true, restarts: 0, codes: [] as string[] };
  const control = new SlotControl({
    ...{ desk: slots, inbox, recorder, clock, log: silentLog },
    installer: { install: async ({ files }) => outcome(files[0] ?? ''), close: async () => undefined },
    mayRestart: () => seen.isFree,
    restart: () => {
      seen.restarts += 1;
    },
    report: ({ code }) => seen.codes.push(code),
  });
  t.teardown(() => control.close());
  return { control, clock, recorder, seen, file };
}

const installed =
  (state: 'trial' | 'confirmed') =>
  (file: string): InstallOutcome => ({ ok: true, file, generation: 6, slot: 'b', state, reports: [] });
const refused =
  (code: string) =>
  (file: string): InstallOutcome => ({
    ...{ ok: false, file, generation: 6, code, detail: 'why' },
    phase: 'verify',
  });

t.test('the answer goes out, then the device restarts, once nobody waits for help', async (t) => {
  const { control, clock, seen, file } = rig(t, installed('trial'));
  seen.isFree = false;
  t.same(await control.install(ORDER), { slot: 'b', generation: 6 });
  t.notOk(existsSync(file), 'it is in its slot');
  await clock.advance(60_000);
  t.equal(seen.restarts, 0);
  seen.isFree = true;
  await clock.advance(600);
  t.equal(seen.restarts, 1);
  await clock.advance(60_000);
  t.equal(seen.restarts, 1, 'once');
});

t.test('what runs already is no reason to restart', async (t) => {
  const { control, clock, seen } = rig(t, installed('confirmed'));
  await control.install(ORDER);
  await clock.advance(60_000);
  t.equal(seen.restarts, 0);
});

t.test(
  'a refusal is answered, told and shown; that somebody else writes says nothing about a bundle',
  async (t) => {
    const { control, recorder, seen, file } = rig(t, refused('WP4105'));
    await t.rejects(control.install(ORDER), { code: 'WP4105', detail: 'why' });
    t.match(recorder.events, [
      { type: 'wp.profile.rejected.v1', data: { generation: 6, code: 'WP4105', phase: 'verify', backTo: 5 } },
    ]);
    t.same(seen.codes, ['WP4105']);
    t.ok(existsSync(file));
    const busy = rig(t, refused('WP4210'));
    await t.rejects(busy.control.install(ORDER), { code: 'WP4210' });
    t.same([busy.recorder.events, busy.seen.codes], [[], []]);
  },
);

t.test('going back restarts as well', async (t) => {
  const { control, clock, seen } = rig(t, installed('trial'));
  t.same(await control.rollback(), { slot: 'b', generation: 4 });
  await clock.advance(2_000);
  t.equal(seen.restarts, 1);
});

t.test('nothing is installed where the device still runs, until it has gone to the other slot', async (t) => {
  const { control, recorder, file } = rig(t, installed('trial'), { ...desk, isLeaving: true });
  await t.rejects(control.install(ORDER), { code: 'WP4203' });
  t.match(await control.take([file]), { ok: false, code: 'WP4203' });
  t.ok(existsSync(file), 'it waits');
  t.same(recorder.events, []);
});
