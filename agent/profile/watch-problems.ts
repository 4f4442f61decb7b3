import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { PersonHeights, Watches } from '#agent/ports/vision-watches.ts';
import type { Point } from '#agent/ports/vision-zones.ts';
import { outlineProblem, type ZoneProblem } from './zone-problems.ts';

/** A door's line shorter than this share of the picture is a slip of the hand. */
const SHORTEST_LINE = 0.02;

/** Feet of the two measured people must be this far apart, or the line through them says nothing. */
const LEAST_DEPTH = 0.1;

/** As much of a profile as matters to the watches. */
interface Watched {
  readonly camera?: { readonly watches: Watches } | undefined;
  readonly inputs: readonly Pick<DeviceProfile['inputs'][number], 'name' | 'kind'>[];
}

/** What is wrong with the watches of a camera; paths from `camera.watches` on. */
export function watchProblems({ camera, inputs }: Watched): ZoneProblem[] {
  if (camera === undefined) return [];
  const { crowd, loitering, tailgating, personHeights } = camera.watches;
  return [
    ...crowd.flatMap(({ polygon }, index) => areaProblem(polygon, `.crowd[${index}].polygon`)),
    ...crowd.flatMap((watch, index) => levelProblem(watch, `.crowd[${index}].clear`)),
    ...loitering.flatMap(({ polygon }, index) => areaProblem(polygon, `.loitering[${index}].polygon`)),
    ...tailgating.flatMap(({ line }, index) => lineProblem(line, `.tailgating[${index}].line`)),
    ...tailgating.flatMap(({ input }, index) => inputProblem(input, inputs, `.tailgating[${index}].input`)),
    ...heightProblem(personHeights),
  ];
}

function areaProblem(polygon: readonly Point[], path: string): ZoneProblem[] {
  const problem = outlineProblem(polygon);
  return problem === null ? [] : [{ code: 'WP2440', path, ...problem }];
}

function levelProblem(
  { people, clear }: { people: number; clear?: number | undefined },
  path: string,
): ZoneProblem[] {
  if (clear === undefined || clear <= people) return [];
  const message = `is ${clear} with a limit of ${people} people`;
  return [{ code: 'WP2442', path, message, hint: 'write a number at or below the limit' }];
}

function lineProblem([from, to]: readonly [Point, Point], path: string): ZoneProblem[] {
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) >= SHORTEST_LINE) return [];
  const hint = 'name the two ends of the threshold, as fractions of the picture';
  return [{ code: 'WP2441', path, message: 'has both ends at one place', hint }];
}

function inputProblem(input: string | undefined, inputs: Watched['inputs'], path: string): ZoneProblem[] {
  if (input === undefined || inputs.some(({ name, kind }) => name === input && kind === 'door')) return [];
  const message = `${input} is no input of kind door`;
  return [{ code: 'WP2443', path, message, hint: 'name one, or leave it out' }];
}

function heightProblem(heights: PersonHeights | undefined): ZoneProblem[] {
  if (heights === undefined) return [];
  const [a, b] = heights;
  if (Math.abs(a.foot - b.foot) < LEAST_DEPTH) {
    const hint = 'measure one person far from the camera and one near';
    return [{ code: 'WP2442', path: '.personHeights', message: 'are of one row of the picture', hint }];
  }
  if (a.foot < b.foot === a.height < b.height) return [];
  const hint = 'foot and height are fractions of the picture’s height, foot from its top';
  return [{ code: 'WP2442', path: '.personHeights', message: 'grow smaller towards the camera', hint }];
}
