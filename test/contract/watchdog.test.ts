import t from 'tap';
import { type LifeSign, Watchdog } from '#contract/watchdog.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

function rig(signs: LifeSign[]) {
  const clock = new ManualClock();
  const fed: number[] = [];
  const logged: string[] = [];
  const note = (_fields: object, event: string) => void logged.push(event);
  const log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const watchdog = new Watchdog({ signs, feed: () => fed.push(clock.monoMs()), withinMs: 4000, clock, log });
  return { clock, fed, logged, watchdog };
}

t.test('it is fed four times within its time while every sign of life is there', async (t) => {
  const { clock, fed, watchdog } = rig([{ name: 'a', look: () => undefined }]);
  watchdog.start();
  await clock.advance(4000);
  t.strictSame(fed, [0, 1000, 2000, 3000, 4000]);
  watchdog.close();
  await clock.advance(4000);
  t.equal(fed.length, 5);
  t.equal(clock.pending, 0);
});

t.test('a sign that is missing starves it, is told once, and may come back', async (t) => {
  let isMissing = false;
  const look = () => {
    if (isMissing) throw new TypeError('gone');
  };
  const { clock, fed, logged, watchdog } = rig([
    { name: 'a', look: () => undefined },
    { name: 'b', look },
  ]);
  watchdog.start();
  await clock.advance(0);
  isMissing = true;
  await clock.advance(3000);
  t.strictSame(fed, [0]);
  t.strictSame(logged, ['watchdog.not-fed']);
  isMissing = false;
  await clock.advance(1000);
  t.strictSame(fed, [0, 4000]);
  t.strictSame(logged, ['watchdog.not-fed', 'watchdog.well-again']);
  watchdog.close();
});

t.test('one that never answers starves it, and is not asked again meanwhile', async (t) => {
  let asked = 0;
  const { clock, fed, watchdog } = rig([
    {
      name: 'a',
      look: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    },
  ]);
  watchdog.start();
  await clock.advance(8000);
  t.strictSame(fed, []);
  t.equal(asked, 1);
  watchdog.close();
});
