import t from 'tap';
import { mapOf } from '#agent/behaviours/drive/area.ts';
import type { SafetyFacts } from '#agent/behaviours/drive/facts.ts';
import { speedLimit, stoppingSpeed } from '#agent/behaviours/drive/speed-rules.ts';
import { AREA, facts, reading, settings } from './fixture.ts';

const limit = (change: Partial<SafetyFacts>) => speedLimit(facts(change), settings());

t.test('the profile’s speed is the most', async (t) => {
  t.same(limit({}), { maxMps: 1, by: 'profile' });
});

t.test('slow zones: no faster than they allow', async (t) => {
  const map = mapOf(settings({ areas: [AREA] }).areas);
  t.same(limit({ place: map?.({ map: 'site', x: -4, y: -4, theta: 0 }) ?? null }), {
    maxMps: 0.2,
    by: 'slow-zone',
  });
  t.same(limit({ place: map?.({ map: 'site', x: 0, y: 0, theta: 0 }) ?? null }), {
    maxMps: 1,
    by: 'profile',
  });
});

t.test(
  'obstacles: never faster than it can stop before what is in its way, should its caller freeze now',
  async (t) => {
    for (const wayM of [0.01, 0.1, 0.5, 1, 3]) {
      const mps = stoppingSpeed(wayM, 0.5);
      t.ok(Math.abs(mps * 0.3 + mps ** 2 / (2 * 0.5) - wayM) < 1e-9, `${mps} m/s stands within ${wayM} m`);
    }
    for (const wayM of [0, -1, Number.NaN]) t.equal(stoppingSpeed(wayM, 0.5), 0);
    t.same(limit({ reading: reading({ obstacleM: 0.2 }) }), { maxMps: 0, by: 'obstacle' });
    t.equal(limit({ reading: reading({ obstacleM: 5 }) }).by, 'profile');
  },
);

t.test('people near: slow for ten seconds after they were last seen', async (t) => {
  const people = { count: 3, atMs: 1000 };
  t.same(limit({ people, nowMs: 11_000 }), { maxMps: 0.3, by: 'people' });
  t.same(limit({ people, nowMs: 11_001 }), { maxMps: 1, by: 'profile' });
  t.equal(limit({ people: { count: 0, atMs: 1000 }, nowMs: 1000 }).by, 'profile');
});

t.test('low battery: home slowly', async (t) => {
  const battery = { charge: 0.24, isCharging: false };
  t.same(limit({ reading: reading({ battery }) }), { maxMps: 0.3, by: 'low-battery' });
});
