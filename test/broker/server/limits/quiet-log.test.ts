import t from 'tap';
import { QuietLog } from '#broker/server/limits/quiet-log.ts';
import type { Log } from '#contract/log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

function kept() {
  const lines: [string, object][] = [];
  const write = (fields: object, event: string) => void lines.push([event, fields]);
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  return { log, lines };
}

t.test('a flood of one kind is ten lines and a count, and hides no other kind', async (t) => {
  const clock = new ManualClock();
  const { log, lines } = kept();
  const quiet = new QuietLog(log, clock);
  for (let count = 0; count < 1000; count++) quiet.warn({ code: 'WP3122', count }, 'mqtt.refused');
  quiet.warn({ code: 'WP3121' }, 'mqtt.refused');
  quiet.error({}, 'gate.failed');
  t.equal(lines.length, 12);
  await clock.advance(10_000);
  t.same(lines.at(-1), ['log.held-back', { kind: 'mqtt.refused WP3122', lines: 990 }]);
  quiet.warn({ code: 'WP3122' }, 'mqtt.refused');
  t.equal(lines.length, 14, 'and then it is heard again');
  quiet.close();
  t.equal(clock.pending, 0);
});
