import t from 'tap';
import { TestModes } from '#broker/incidents/test-mode.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { memoryDatabase } from '#test/support/site-database.ts';

const PILLAR = { site: 'mall', device: 'pillar-001' };

async function granted(t: Parameters<typeof memoryDatabase>[0]) {
  const clock = new ManualClock();
  const db = memoryDatabase(t, { clock });
  const testModes = new TestModes(db, clock);
  const nowMs = Math.floor(clock.wallMs());
  await db.commit((sql) =>
    testModes.grant(sql, {
      ...{ ...PILLAR, commandId: 'c1', inputs: ['button'], bootId: 'b1', boot: 3 },
      ...{ deviceFromMs: nowMs, deviceUntilMs: nowMs + 60_000, untilMs: nowMs + 60_000 },
    }),
  );
  return testModes;
}

t.test(
  'a device that loses its link has not started anew: its last will names no boot of the machine',
  async (t) => {
    const testModes = await granted(t);
    t.equal(testModes.isOutlived(PILLAR, { boot: 3 }), false);
    t.equal(testModes.isOutlived(PILLAR, { boot: 3, bootId: 'b1' }), false);
    t.equal(testModes.isOutlived(PILLAR, { boot: 4 }), true, 'the agent has started anew');
    t.equal(testModes.isOutlived(PILLAR, { boot: 3, bootId: 'b2' }), true, 'the machine has');
  },
);

t.test(
  'what the site says of a device is a test while its absence is rehearsed, and no longer',
  async (t) => {
    const testModes = await granted(t);
    const end = testModes.rehearse(PILLAR);
    t.equal(testModes.isRehearsed(PILLAR), true);
    t.equal(testModes.isRehearsed({ ...PILLAR, device: 'pillar-002' }), false);
    end();
    t.equal(testModes.isRehearsed(PILLAR), false);
  },
);
