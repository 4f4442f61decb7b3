import t, { type Test } from 'tap';
import { InstallerChild } from '#agent/behaviours/trial/installer-child.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { silentLog } from '../fakes.ts';

const REQUEST = { files: ['/card/inbox/one.wpb'], sha256: 'a'.repeat(64) };
const WELL = { ok: true, file: 'f', generation: 2, slot: 'b', state: 'trial', reports: [] };
/** Longer than any test: it ends only by being ended. */
const HANG = 'exec sleep 600';

/** An installer that is a line of sh instead. */
function installer(t: Test, line: string) {
  const clock = new ManualClock();
  const child = new InstallerChild({
    command: ['sh', '-c', line, 'installer'],
    ...{ card: '/card', timer: clock, log: silentLog },
    clock: () => ({ quality: 'synced', nowMs: 1234.5 }),
  });
  t.teardown(() => child.close());
  return { child, clock };
}

const saying = (outcome: object): string => `echo '${JSON.stringify(outcome)}'`;

t.test('it is told card, time, hash and files, and what it says is answered', async (t) => {
  const { child } = installer(t, saying(WELL));
  t.match(await child.install(REQUEST), WELL);
  const asked = installer(t, `echo "$*" >&2; exit 3`);
  const detail = /--card \/card --clock synced --now 1234 --sha256 a{64} -- \/card\/inbox\/one\.wpb/;
  await t.rejects(asked.child.install(REQUEST), { code: 'WP4219', detail });
});

t.test(
  'one that is killed, ends badly, or cannot be started is told as that, with how it ended',
  async (t) => {
    await t.rejects(installer(t, 'kill -9 $$').child.install(REQUEST), { code: 'WP4219', detail: /SIGKILL/ });
    await t.rejects(installer(t, 'echo why >&2; exit 7').child.install(REQUEST), {
      code: 'WP4219',
      detail: /exit 7 why/,
    });
    const none = new InstallerChild({
      ...{ command: ['/no/such/program'], card: '/card', timer: new ManualClock(), log: silentLog },
      clock: () => ({ quality: 'unset', nowMs: 0 }),
    });
    await t.rejects(none.install(REQUEST), { code: 'WP4219', detail: /ENOENT/ });
  },
);

t.test(
  'what makes no sense is no outcome: words, half a line, another shape, and no end of it',
  async (t) => {
    const half = JSON.stringify(WELL).slice(0, 20);
    for (const line of [
      'true',
      'echo fine',
      `printf '%s' '${half}'`,
      saying({ ok: true }),
      saying({ ...WELL, slot: 'c' }),
    ])
      await t.rejects(installer(t, line).child.install(REQUEST), { code: 'WP4219' }, line);
    await t.rejects(installer(t, 'exec yes').child.install(REQUEST), { code: 'WP4219', detail: /SIGKILL/ });
  },
);

t.test('one that hangs is ended, and the next one has its turn', async (t) => {
  const { child, clock } = installer(t, `case "$*" in *hangs*) ${HANG};; *) ${saying(WELL)};; esac`);
  const hanging = child.install({ ...REQUEST, files: ['hangs'] });
  const next = child.install(REQUEST);
  // Until it has been started.
  await new Promise<void>((resolve) => setImmediate(resolve));
  await clock.advance(14 * 60_000);
  const early = await Promise.race([hanging.catch(() => 'ended'), Promise.resolve('still there')]);
  t.equal(early, 'still there');
  const ended = t.rejects(hanging, { code: 'WP4219', detail: /SIGKILL/ });
  await clock.advance(2 * 60_000);
  await ended;
  t.match(await next, WELL);
});

t.test('when the agent ends, it is ended, and nothing is begun any more', async (t) => {
  const { child } = installer(t, HANG);
  const running = t.rejects(child.install(REQUEST), { code: 'WP4219', detail: /SIGKILL/ });
  const waiting = t.rejects(child.install(REQUEST), { code: 'WP4219', detail: /the agent ends/ });
  await new Promise<void>((resolve) => setImmediate(resolve));
  await child.close();
  await Promise.all([running, waiting]);
  await child.close();
});
