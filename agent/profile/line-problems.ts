import type { ProfileProblem } from './problem.ts';

/** A problem before its file and line are looked up. */
export type LineProblem = Pick<ProfileProblem, 'code' | 'path' | 'message' | 'hint'>;

interface DriverUse {
  readonly path: string;
  readonly config: { readonly driver: string; readonly chip?: unknown; readonly line?: unknown };
}

/** Parts that name a GPIO line which a part before them has: a line has one user. */
export function linesTwice(uses: readonly DriverUse[]): LineProblem[] {
  const takenBy = new Map<string, string>();
  return uses.flatMap(({ path, config: { driver, chip, line } }) => {
    if (driver !== 'gpio') return [];
    const key = JSON.stringify([chip, line]);
    const first = takenBy.get(key);
    if (first === undefined) {
      takenBy.set(key, path);
      return [];
    }
    const message = `is line ${line} of ${chip}, which ${first} has`;
    return [{ code: 'WP4015', path: `${path}.line`, message, hint: 'give each part its own line' }];
  });
}
