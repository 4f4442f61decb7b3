import t from 'tap';
import type { Frame } from '#agent/ports/frames.ts';
import { IMPAIRMENTS, type WatchReport } from '#agent/ports/vision-watches.ts';
import { Impairments } from '#agent/vision/watches/impairment/impairments.ts';
import {
  blurred,
  box,
  type Canvas,
  ellipse,
  frameOf,
  HEIGHT,
  type Light,
  randomFrom,
  room,
  WIDTH,
} from './hall.ts';

const HALL = room(3);
const ELSEWHERE = room(5);
/** A hand or a cloth on the lens: a smear of light without any detail. */
const HAND = blurred(room(9), 30).map((level) => level * 0.6);
/** The camera of these tests is sound for so long first. */
const SOUND_S = 16;

type Shot = readonly [Canvas, Light?];

/** Plays what `shotAt` gives at two frames a second; answers what was said. */
function watch(durationS: number, shotAt: (t: number) => Shot | Frame, fault = new Impairments(IMPAIRMENTS)) {
  const said: string[] = [];
  const blind: number[] = [];
  for (let at = 0; at < durationS * 2; at++) {
    const now = at / 2;
    const shot = shotAt(now);
    const frame = 'data' in shot ? { ...shot, t: now } : frameOf(shot[0], now, shot[1]);
    said.push(...fault.look(frame).map(wordsOf));
    if (fault.isBlind) blind.push(now);
  }
  return { said: said.filter((words) => !words.endsWith('ended at start')), blind };
}

function wordsOf(report: WatchReport): string {
  if (report.watch !== 'impairment') throw new Error('only impairments are looked for');
  const { name, state, t: now, since } = report;
  if (state === 'ended') return since === 0 ? `${name} ended at start` : `${name} ended`;
  return now - SOUND_S <= 10 ? `${name} within 10 s` : `${name} late`;
}

/** The hall until `SOUND_S`, then `then` until `untilS`, and the hall again. */
const after =
  (then: (t: number) => Shot, untilS = Number.POSITIVE_INFINITY) =>
  (t: number): Shot =>
    t < SOUND_S || t >= untilS ? [HALL] : then(t);

for (const [what, shot, fault] of [
  ['a hand on the lens', [HAND], 'covered'],
  ['a bright cloth over the lens', [HAND, { gain: 0.5, offset: 120 }], 'covered'],
  ['a lens out of focus by a little', [blurred(HALL, 2.5)], 'defocused'],
  ['a lens out of focus by a lot', [blurred(HALL, 8)], 'defocused'],
  ['a camera that points elsewhere', [ELSEWHERE], 'turned'],
  ['a camera turned by a twelfth of its view', [shifted(HALL, 27, 6)], 'turned'],
  ['a cap on the lens', [HALL, { gain: 0.01, noise: 1 }], 'dark'],
] as const satisfies readonly (readonly [string, Shot, string])[]) {
  t.test(`${what} is ${fault} within ten seconds, and over when it is over`, async (t) => {
    const { said } = watch(
      50,
      after(() => shot, 34),
    );
    t.same(said, [`${fault} within 10 s`, `${fault} ended`]);
  });
}

t.test('a picture that stands still is frozen, and over when it moves', async (t) => {
  const held = frameOf(HALL, SOUND_S);
  const { said } = watch(40, (now) => (now >= SOUND_S && now < 30 ? held : [HALL]));
  t.same(said, ['frozen within 10 s', 'frozen ended']);
});

t.test('a held picture that is encoded again and again is frozen too', async (t) => {
  const held = frameOf(HALL, SOUND_S);
  const again = (now: number): Frame => {
    const random = randomFrom(now * 100);
    return { ...held, data: held.data.map((level) => level + (random() < 0.05 ? 1 : 0)) };
  };
  const { said } = watch(32, (now) => (now >= SOUND_S ? again(now) : [HALL]));
  t.same(said, ['frozen within 10 s']);
});

t.test('a source without noise is not frozen: it never was otherwise', async (t) => {
  t.same(watch(40, () => [HALL, { noise: 0 }]).said, []);
});

t.test(
  'a source that often stands still for a while is frozen only when it does so for longer',
  async (t) => {
    const held = frameOf(HALL, 1);
    const inSpells = (now: number) => (now < 14 || now % 8 < 2 ? ([HALL] as const) : held);
    const { said } = watch(60, inSpells);
    t.same(said, [], 'six seconds at a time are its way');
  },
);

for (const [what, shotAt] of [
  ['a lorry before the camera for five seconds', after((now) => [lorry(now)], 21)],
  ['a crowd that fills the view for a minute', after((now) => [crowd(now)])],
  [
    'night falling within a minute',
    after((now) => [HALL, { gain: Math.max(0.2, 1 - (now - SOUND_S) / 60) }]),
  ],
  ['lamps off, and a little light left', after(() => [HALL, { gain: 0.25 }])],
  ['lamps on one side off', after(() => [halfDark(HALL), {}])],
  ['fog within half a minute', after((now) => [HALL, fog(Math.min(0.8, (now - SOUND_S) / 30))])],
  ['a sudden veil of mist', after(() => [HALL, fog(0.7)])],
  ['noise of a hot sensor', after(() => [HALL, { noise: 8 }])],
  [
    'a camera that shakes by three pixels',
    after((now) => [shifted(HALL, now % 2 < 1 ? 3 : -3, now % 3 < 1 ? 2 : -2)]),
  ],
  ['a nudge of five pixels', after(() => [shifted(HALL, 5, 3)])],
  ['furniture moved about in half of the room', after(() => [halfNew()])],
] as const satisfies readonly (readonly [string, (t: number) => Shot])[]) {
  t.test(`${what} is no fault of the camera`, async (t) => {
    t.same(watch(46, shotAt).said, []);
  });
}

t.test('a camera turned away is watched in its new view, and is back when it sees the old one', async (t) => {
  const { said } = watch(80, (now) => {
    if (now < SOUND_S || now >= 66) return [HALL];
    return [now >= 44 && now < 56 ? HAND : ELSEWHERE];
  });
  t.same(said, ['turned within 10 s', 'covered late', 'covered ended', 'turned ended']);
});

t.test(
  'while nothing can be seen it is blind, from the first second on; a soft picture can be judged',
  async (t) => {
    const covered = watch(
      40,
      after(() => [HAND], 30),
    ).blind;
    t.ok((covered[0] ?? 99) <= SOUND_S + 1 && (covered.at(-1) ?? 0) < 35, 'covered');
    const turned = watch(
      40,
      after(() => [ELSEWHERE]),
    ).blind;
    t.ok(
      (turned[0] ?? 99) <= SOUND_S + 2 && (turned.at(-1) ?? 99) < SOUND_S + 10,
      'turned, until that is known',
    );
    const soft = watch(
      30,
      after(() => [blurred(HALL, 4)]),
    ).blind;
    t.same(soft, []);
  },
);

t.test('darkness ends no other fault, since nothing can be told in it', async (t) => {
  const { said } = watch(40, (now) => {
    if (now < SOUND_S) return [HALL];
    return now < 28 ? [blurred(HALL, 4)] : [HALL, { gain: 0.01, noise: 1 }];
  });
  t.same(said, ['defocused within 10 s', 'dark late']);
});

t.test('faults that were not asked for are not told', async (t) => {
  const { said } = watch(
    40,
    after(() => [HAND]),
    new Impairments(['dark', 'frozen']),
  );
  t.same(said, []);
});

t.test(
  'a source opened anew does not end what it cannot judge yet, and is compared with the view before',
  async (t) => {
    const faults = new Impairments(IMPAIRMENTS);
    t.same(watch(16, () => [HALL], faults).said, []);
    faults.restart();
    const { said } = watch(12, () => [ELSEWHERE], faults);
    t.same(said, ['turned within 10 s']);
  },
);

function shifted(canvas: Canvas, dx: number, dy: number): Canvas {
  return canvas.map((_, i) => {
    const x = Math.min(WIDTH - 1, Math.max(0, (i % WIDTH) - dx));
    const y = Math.min(HEIGHT - 1, Math.max(0, Math.floor(i / WIDTH) - dy));
    return canvas[y * WIDTH + x] ?? 0;
  });
}

/** Drives in from the left, stands, drives on; its side is plain. */
function lorry(now: number): Canvas {
  const canvas = HALL.slice();
  const s = now - SOUND_S;
  const left = s < 1.5 ? -420 + 270 * s : s < 3.5 ? -15 : -15 + 230 * (s - 3.5);
  box(canvas, left, 10, 350, 200, 172);
  box(canvas, left + 30, 190, 50, 50, 30);
  box(canvas, left + 250, 190, 50, 50, 30);
  return canvas;
}

function crowd(now: number): Canvas {
  const canvas = HALL.slice();
  for (let who = 0; who < 45; who++) {
    const random = randomFrom(who + 1);
    const step = 14 * Math.sin(now * (0.5 + random()) + 6 * random());
    const [x, y, coat] = [random() * WIDTH + step, 40 + random() * HEIGHT, 30 + 170 * random()];
    box(canvas, x - 16, y, 32, 110, coat);
    ellipse(canvas, x, y - 12, 10, 12, 175);
  }
  return canvas;
}

const halfDark = (canvas: Canvas): Canvas =>
  canvas.map((level, i) => (i % WIDTH < WIDTH / 2 ? 0.3 * level : level));

const halfNew = (): Canvas => HALL.map((level, i) => (i % WIDTH < WIDTH / 2 ? (ELSEWHERE[i] ?? 0) : level));

/** A veil of grey that leaves `1 - density` of the contrast. */
function fog(density: number): Light {
  return { gain: 1 - density, offset: 190 * density };
}
