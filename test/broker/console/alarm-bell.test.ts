import t from 'tap';
import { AlarmBell } from '#broker/console/alert/alarm-bell.ts';
import type { ConsoleEvent } from '#broker/console/state/events.ts';
import { type ConsoleState, initialState } from '#broker/console/state/model.ts';
import { reduce } from '#broker/console/state/reduce.ts';
import { Store } from '#broker/console/state/store.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { sampleIncident } from './samples.ts';

function setUp() {
  const clock = new ManualClock();
  const store = new Store<ConsoleState, ConsoleEvent>(initialState('en', 0), reduce);
  store.dispatch({ type: 'session-opened' });
  const titles: string[] = [];
  let tones = 0;
  const bell = new AlarmBell({
    store,
    clock,
    tone: {
      ring: () => {
        tones += 1;
      },
    },
    showTitle: (alarms, face) => void titles.push(`${alarms} ${face}`),
  });
  bell.start();
  const alarm = (id: string) => store.dispatch({ type: 'incident', incident: sampleIncident({ id }) });
  return { clock, store, bell, titles, alarm, tones: () => tones };
}

t.test('a new alarm sounds at once, then every third second, and the title takes turns', async (t) => {
  const { clock, bell, alarm, titles, tones } = setUp();
  alarm('a');
  t.equal(tones(), 1);
  await clock.advance(6000);
  t.equal(tones(), 3);
  t.same(titles.slice(0, 4), ['0 plain', '1 alarm', '1 plain', '1 alarm']);
  bell.close();
  t.equal(clock.pending, 0);
});

t.test('a second alarm sounds at once although the first still does', async (t) => {
  const { clock, bell, alarm, titles, tones } = setUp();
  alarm('a');
  await clock.advance(1000);
  alarm('b');
  t.equal(tones(), 2);
  t.equal(titles.at(-1), '2 alarm');
  bell.close();
});

t.test('silence is silence, until the next alarm', async (t) => {
  const { clock, store, bell, alarm, titles, tones } = setUp();
  alarm('a');
  store.dispatch({ type: 'silenced' });
  await clock.advance(60_000);
  t.equal(tones(), 1);
  t.equal(titles.at(-1), '0 plain');
  t.equal(clock.pending, 0);
  alarm('b');
  t.equal(tones(), 2);
  bell.close();
  bell.close();
});
