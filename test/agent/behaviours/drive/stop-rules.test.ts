import t from 'tap';
import { mapOf, mapUnread } from '#agent/behaviours/drive/area.ts';
import type { SafetyFacts } from '#agent/behaviours/drive/facts.ts';
import { StopBook } from '#agent/behaviours/drive/stop-book.ts';
import { deviationM, STOP_RULES } from '#agent/behaviours/drive/stop-rules.ts';
import { STOP_CAUSES, type StopCause } from '#contract/event-robot.ts';
import { AREA, estimateAt, facts, reading, settings } from './fixture.ts';

/** Which rules hold for these facts, with the default settings. */
const holding = (change: Partial<SafetyFacts>): StopCause[] =>
  STOP_RULES.filter(({ holds }) => holds(facts(change), settings())).map(({ cause }) => cause);

t.test('every cause has one rule, and with nothing wrong none holds', async (t) => {
  t.same(STOP_RULES.map(({ cause }) => cause).sort(), [...STOP_CAUSES].sort());
  t.same(holding({}), []);
});

t.test('emergency stop: pressed or unreadable, it stops', async (t) => {
  t.same(holding({ reading: reading({ contacts: { emergencyStop: 'pressed' } }) }), ['emergency-stop']);
  t.same(holding({ reading: reading({ contacts: { emergencyStop: 'unknown' } }) }), ['emergency-stop']);
  t.same(holding({ reading: reading({ contacts: { emergencyStop: 'absent' } }) }), []);
});

t.test('bumper: pressed or unreadable, it stops', async (t) => {
  t.same(holding({ reading: reading({ contacts: { bumper: 'pressed' } }) }), ['bumper']);
  t.same(holding({ reading: reading({ contacts: { bumper: 'unknown' } }) }), ['bumper']);
});

t.test('lifted: its wheels in the air, or nobody knows, it stops', async (t) => {
  t.same(holding({ reading: reading({ contacts: { lifted: 'pressed' } }) }), ['lifted']);
  t.same(holding({ reading: reading({ contacts: { lifted: 'unknown' } }) }), ['lifted']);
});

t.test('tilted: from the limit on, either way, or unreadable, it stops', async (t) => {
  for (const tiltDeg of [10, -10, 90, Number.NaN, 'unknown'] as const) {
    t.same(holding({ reading: reading({ tiltDeg }) }), ['tilted'], String(tiltDeg));
  }
  for (const tiltDeg of [0, 9.9, -9.9, null]) t.same(holding({ reading: reading({ tiltDeg }) }), []);
});

t.test('stuck: a wheel that is told to turn and does not for its time, it stops', async (t) => {
  t.same(holding({ stuckForMs: 1999 }), []);
  t.same(holding({ stuckForMs: 2000 }), ['stuck']);
});

t.test('blind: a base that sees obstacles and cannot now, it stops', async (t) => {
  t.same(holding({ reading: reading({ obstacleM: 'unknown' }) }), ['blind']);
  t.same(holding({ reading: reading({ obstacleM: Number.NaN }) }), ['blind']);
  t.same(holding({ reading: reading({ obstacleM: null }) }), [], 'one that never could is not judged by it');
});

t.test('off the map: outside its bounds, in a shut zone, or on another map, it stops', async (t) => {
  const map = mapOf([settings({ areas: [AREA] }).areas].flat());
  const at = (x: number, y: number, floor = 'site') =>
    holding({ place: map?.({ map: floor, x, y, theta: 0 }) ?? null });
  t.same(at(0, 0), []);
  t.same(at(5.1, 0), ['off-map']);
  t.same(at(4, 4), ['off-map']);
  t.same(at(0, 0, 'cellar'), ['off-map']);
  t.same(at(Number.NaN, 0), ['off-map']);
  t.same(holding({ place: mapUnread?.({ map: 'site', x: 0, y: 0, theta: 0 }) ?? null }), ['off-map']);
  t.equal(mapOf([]), null, 'without any area nothing is known to be forbidden');
});

t.test(
  'localisation lost: it says so, its error is too large, or its place is no number, it stops',
  async (t) => {
    const estimates = [
      estimateAt({ isLocalized: false }),
      estimateAt({ covariance: [0.26, 0, 0.01, 0] }),
      estimateAt({ covariance: [Number.NaN, 0, 0, 0] }),
      estimateAt({ pose: { map: 'site', x: Number.NaN, y: 0, theta: 0 } }),
    ];
    for (const estimate of estimates) t.same(holding({ reading: reading({ estimate }) }), ['not-localized']);
    t.same(holding({ reading: reading({ estimate: estimateAt({ covariance: [0.24, 0, 0.24, 0] }) }) }), []);
  },
);

t.test('the error of a place is the longer half axis of its ellipse', async (t) => {
  t.equal(deviationM([0.04, 0, 0.09, 0]), 0.3);
  t.ok(Math.abs(deviationM([0.05, 0.04, 0.05, 0]) - 0.3) < 1e-12, 'also when it lies slanting');
});

t.test('own press: while its own call is on, it stands', async (t) => {
  t.same(holding({ isCalling: true }), ['own-press']);
});

t.test('critical battery: it stops, unless it is charging', async (t) => {
  const battery = (charge: number, isCharging: boolean) =>
    holding({ reading: reading({ battery: { charge, isCharging } }) });
  t.same(battery(0.1, false), ['battery-critical']);
  t.same(battery(Number.NaN, false), ['battery-critical']);
  t.same(battery(0.1, true), []);
  t.same(battery(0.11, false), []);
});

t.test('a base that says nothing is stopped', async (t) => {
  t.same(holding({ reading: null }), ['base-silent']);
});

t.test('a caller that froze is a cause until the robot stands', async (t) => {
  t.same(holding({ isAbandoned: true }), ['caller-frozen']);
});

t.test('a cause ends when it has been over for two seconds, and not before', async (t) => {
  const book = new StopBook(STOP_RULES);
  const judge = (nowMs: number, emergencyStop: 'pressed' | 'released') =>
    book.judge(facts({ nowMs, reading: reading({ contacts: { emergencyStop } }) }), settings());
  t.same(judge(0, 'pressed'), { began: ['emergency-stop'], ended: [] });
  t.same(judge(50, 'released'), { began: [], ended: [] });
  t.same(judge(1900, 'pressed'), { began: [], ended: [] }, 'a contact that bounces begins nothing anew');
  t.same(judge(3899, 'released'), { began: [], ended: [] });
  t.same(judge(3900, 'released'), { began: [], ended: ['emergency-stop'] });
});

t.test('a stuck wheel holds it until somebody was there: emergency stop pressed, or lifted', async (t) => {
  const book = new StopBook(STOP_RULES);
  const judge = (nowMs: number, change: Partial<SafetyFacts>) =>
    book.judge(facts({ nowMs, ...change }), settings()).ended;
  book.judge(facts({ stuckForMs: 2000 }), settings());
  t.same(judge(60_000, {}), []);
  t.same(judge(60_050, { reading: reading({ contacts: { lifted: 'pressed' } }) }), ['stuck']);
  t.same(book.causes, ['lifted']);
});

t.test('while the base says nothing, nothing is over', async (t) => {
  const book = new StopBook(STOP_RULES);
  book.judge(facts({ reading: reading({ contacts: { bumper: 'pressed' } }) }), settings());
  t.same(book.judge(facts({ nowMs: 60_000, reading: null }), settings()), {
    began: ['base-silent'],
    ended: [],
  });
  t.same(book.causes, ['bumper', 'base-silent']);
  t.same(book.judge(facts({ nowMs: 62_000 }), settings()).ended, ['bumper', 'base-silent']);
});
