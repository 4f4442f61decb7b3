import t from 'tap';
import { Parking } from '#agent/vision/visits/parking.ts';

const phases = (parking: Parking, from: number, to: number) => {
  const seen: string[] = [];
  for (let tenth = Math.round(from * 10); tenth < to * 10; tenth++) seen.push(parking.look(tenth / 10));
  return seen;
};

t.test('until a pose has come, and while it moves, nothing is judged', async (t) => {
  const parking = new Parking();
  t.ok(phases(parking, 0, 5).every((phase) => phase === 'moving'));
  parking.setPose({ still: false });
  t.ok(phases(parking, 5, 10).every((phase) => phase === 'moving'));
});

t.test('two seconds still make it parked, once arrived', async (t) => {
  const parking = new Parking();
  parking.setPose({ still: true, waypoint: 'a' });
  const seen = phases(parking, 7, 12);
  t.equal(seen.indexOf('arrived'), 20);
  t.same([...new Set(seen)], ['moving', 'arrived', 'parked']);
  t.equal(seen.filter((phase) => phase === 'arrived').length, 1);
});

t.test('a jolt within the two seconds begins them anew', async (t) => {
  const parking = new Parking();
  parking.setPose({ still: true, waypoint: 'a' });
  phases(parking, 0, 1.9);
  parking.setPose({ still: false });
  parking.setPose({ still: true, waypoint: 'a' });
  t.equal(phases(parking, 1.9, 6).indexOf('arrived'), 20);
});

t.test('a pose elsewhere is another stop though it never was said to move', async (t) => {
  const parking = new Parking();
  parking.setPose({ still: true, waypoint: 'a' });
  phases(parking, 0, 5);
  parking.setPose({ still: true, waypoint: 'b' });
  t.equal(phases(parking, 5, 9).indexOf('arrived'), 20);
});

t.test('another source of pictures is a new stay at once for whoever is parked', async (t) => {
  const parking = new Parking();
  parking.setPose({ still: true });
  phases(parking, 0, 5);
  parking.restart();
  t.equal(parking.look(0), 'arrived');
  const stopping = new Parking();
  stopping.setPose({ still: true });
  phases(stopping, 90, 91);
  stopping.restart();
  t.equal(phases(stopping, 0, 5).indexOf('arrived'), 20, 'and must still settle if it had not');
});
