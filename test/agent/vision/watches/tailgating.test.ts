import t from 'tap';
import { type Person, type PlayOptions, play as playFrom, walker } from './people.ts';

/** A line across the way, from below to above: who goes to the right comes in. */
const LINE = [
  [0.5, 0.98],
  [0.5, 0.35],
];
/** A line across the way of who comes towards the camera. */
const ACROSS = [
  [0.1, 0.7],
  [0.9, 0.7],
];
const DOOR = { tailgating: [{ name: 'door', line: LINE, releaseS: 5 }] };
const LOCK = { tailgating: [{ name: 'door', line: LINE, releaseS: 5, input: 'lock' }] };

/** Somebody passes by before anything else, so that it is known what people look like here. */
const FIRST_S = 5;
const first = (now: number) => walker(now, 2.5, [300, 76], [40, 76], { speed: 60 });

/** Plays a scene; times in it and in the answer are counted from when `first` has gone. */
function play(
  watches: object,
  durationS: number,
  peopleAt: (now: number) => readonly Person[],
  { released = () => [] }: PlayOptions = {},
) {
  const people = (t: number) => [...first(t), ...peopleAt(Number((t - FIRST_S).toFixed(3)))];
  const inputs = (t: number) => released(Number((t - FIRST_S).toFixed(3)));
  const reports = playFrom(watches, durationS + FIRST_S, people, { released: inputs });
  return reports.map((report) => ({ ...report, t: report.t - FIRST_S }));
}

const inward = (now: number, startS: number, foot = 190, more = {}) =>
  walker(now, startS, [-20, foot], [340, foot], { speed: 60, ...more });
const outward = (now: number, startS: number, foot = 190) =>
  walker(now, startS, [340, foot], [-20, foot], { speed: 60, coat: 205 });

const crossings = (reports: readonly { watch: string }[]) =>
  reports.map((report) => (report.watch === 'tailgating' && 'crossings' in report ? report.crossings : null));

t.test('two who come in one after the other within a release are told, once, as two', async (t) => {
  const reports = play(DOOR, 16, (now) => [...inward(now, 4), ...inward(now, 6.5)]);
  t.same(crossings(reports), [2]);
  t.match(reports[0], { state: 'began', name: 'door' });
  t.ok((reports[0]?.t ?? 0) > 8.5 && (reports[0]?.t ?? 99) < 11, 'as the second crosses');
});

for (const [what, people] of [
  ['one person', (now) => inward(now, 4)],
  ['two people with a release each', (now) => [...inward(now, 4), ...inward(now, 11)]],
  ['one in and one out', (now) => [...inward(now, 4, 205), ...outward(now, 4, 150)]],
  ['one in and one out behind', (now) => [...inward(now, 4, 205), ...outward(now, 6, 160)]],
  ['two going out', (now) => [...outward(now, 4), ...outward(now, 6.5)]],
  ['one who hesitates on the line', (now) => hesitant(now)],
  ['one who comes in, goes out and comes in again', (now) => forthAndBack(now)],
  ['one who passes beside the door', (now) => [...inward(now, 4), ...walker(now, 5, [40, 75], [300, 75])]],
] as const satisfies readonly (readonly [string, (now: number) => readonly Person[]])[]) {
  t.test(`${what}: no tailgating`, async (t) => {
    t.same(play(DOOR, 20, people), []);
  });
}

t.test('two close behind one another, seen as one, are two', async (t) => {
  const reports = play(DOOR, 14, (now) => [...inward(now, 4), ...inward(now, 4.45)]);
  t.same(crossings(reports), [2]);
});

t.test('two side by side are two', async (t) => {
  const across = { tailgating: [{ ...DOOR.tailgating[0], line: ACROSS }] };
  const beside = (now: number, x: number, coat: number) =>
    walker(now, 4, [x, 100], [x, 236], { speed: 35, coat });
  t.same(crossings(play(across, 12, (now) => [...beside(now, 140, 45), ...beside(now, 174, 70)])), [2]);
  t.same(
    play(across, 12, (now) => beside(now, 140, 45)),
    [],
    'one is one',
  );
});

t.test('three within a release are told when the second comes in', async (t) => {
  const reports = play(DOOR, 16, (now) => [...inward(now, 4), ...inward(now, 6), ...inward(now, 8)]);
  t.same(crossings(reports), [2]);
});

t.test('a lock lets one in for each release', async (t) => {
  const two = (now: number) => [...inward(now, 4), ...inward(now, 6.5)];
  const at = (times: readonly number[]) => (now: number) => (times.includes(now) ? ['lock'] : []);
  t.same(crossings(play(LOCK, 16, two, { released: at([6]) })), [2], 'released once');
  t.same(play(LOCK, 16, two, { released: at([6, 8]) }), [], 'released twice');
  t.same(play(LOCK, 16, two, { released: () => [] }), [], 'never released: another alarm’s business');
  const other = (now: number) => (now === 6 ? ['back-door'] : []);
  t.same(play(LOCK, 16, two, { released: other }), [], 'another door');
});

function hesitant(now: number): Person[] {
  if (now < 4) return [];
  const walked = now - 4;
  if (walked < 3) return [{ x: -20 + 60 * walked, foot: 190, walked }];
  if (walked < 9) return [{ x: 160 + 5 * Math.sin(walked * 2), foot: 190, walked: walked / 4 }];
  return walked < 12.2 ? [{ x: 160 + 60 * (walked - 9), foot: 190, walked }] : [];
}

function forthAndBack(now: number): Person[] {
  const walked = now - 4;
  if (walked < 0 || walked > 10) return [];
  const x = walked < 4 ? -20 + 55 * walked : walked < 6 ? 200 - 45 * (walked - 4) : 110 + 55 * (walked - 6);
  return [{ x, foot: 190, walked }];
}
