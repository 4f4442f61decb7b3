import { type Geometry, HEIGHT, type Person, randomFrom, WIDTH, walker } from './people.ts';

/** A camera higher up than the detector takes for granted: people grow slower towards it. */
export const FROM_ABOVE: Geometry = (foot) => 0.09 * HEIGHT + 0.2 * foot;

/** So long single people walk about, so that it is known how much of the picture one fills. */
export const LONE_S = 26;

/** One after another, here and there. */
export function lonePeople(t: number): Person[] {
  return [110, 200, 150, 230, 130, 180].flatMap((foot, who) =>
    walker(t, 2.5 + who * 4, [who % 2 === 0 ? -10 : 330, foot], [who % 2 === 0 ? 330 : -10, foot], {
      speed: 85,
      coat: [45, 200, 70, 30, 215, 60][who] ?? 45,
    }),
  );
}

/** Keeps people this far apart on the ground (shares of a person's height): shoulder to shoulder. */
const SHOULDER = 0.3;

/** `count` people who mill about at random places of the floor, everybody in a coat of their own. */
export function crowdOf(count: number, seed: number): (t: number) => Person[] {
  const random = randomFrom(seed);
  const people: { x: number; foot: number; coat: number; phase: number }[] = [];
  for (let tries = 0; people.length < count && tries < 5000; tries++) {
    const [x, foot] = [20 + random() * (WIDTH - 40), 95 + random() * (HEIGHT - 100)];
    const tall = FROM_ABOVE(foot);
    const isFree = people.every((other) => {
      const sideways = (x - other.x) / tall;
      const deep = (foot - other.foot) / (0.4 * tall);
      return Math.hypot(sideways, deep) > SHOULDER;
    });
    const coat = random() < 0.5 ? 25 + random() * 45 : 190 + random() * 50;
    if (isFree) people.push({ x, foot, coat, phase: 6 * random() });
  }
  return (t) =>
    people.map(({ x, foot, coat, phase }) => ({
      x: x + 4 * Math.sin(0.8 * t + phase),
      foot: foot + 2 * Math.sin(0.5 * t + 2 * phase),
      coat,
      walked: t * 0.4 + phase,
    }));
}
