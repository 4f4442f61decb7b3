import t from 'tap';
import { MonitoringSettings, Readiness, type ReadinessParts } from '#broker/api/readiness.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { temporaryFolder } from '#test/support/site-database.ts';

function readiness(
  t: Parameters<typeof temporaryFolder>[0],
  changes: Partial<ReadinessParts> = {},
): string[] {
  const parts = {
    ...{ clock: new ManualClock(Date.UTC(2026, 10, 22)), dataDir: temporaryFolder(t) },
    settings: MonitoringSettings.parse({ diskFreeMinMiB: 0 }),
    ...{ isRunning: () => true, isTaking: () => true, certificateEndsMs: () => null },
    ...changes,
  };
  return new Readiness(parts).reasons().map(({ code }) => code);
}

t.test('a site that runs, takes and has room is ready', async (t) => {
  t.same(readiness(t), []);
  t.same(readiness(t, { certificateEndsMs: () => Date.UTC(2027, 0, 1) }), []);
});

t.test('each reason why it is not ready has its code, and all are named', async (t) => {
  t.same(readiness(t, { isRunning: () => false, isTaking: () => false }), ['WP3133']);
  t.same(readiness(t, { isTaking: () => false }), ['WP3134']);
  t.same(readiness(t, { settings: { diskFreeMinMiB: 1e6 * 1024 } }), ['WP3135']);
  t.same(readiness(t, { certificateEndsMs: () => Date.UTC(2026, 0, 1) }), ['WP3317']);
  t.same(
    readiness(t, { isTaking: () => false, certificateEndsMs: () => 0, settings: { diskFreeMinMiB: 1e9 } }),
    ['WP3134', 'WP3135', 'WP3317'],
  );
});
