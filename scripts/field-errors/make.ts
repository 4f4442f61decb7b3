import { cleaned } from './clean.ts';
import type { Mistake } from './mistake.ts';
import { run } from './run.ts';
import { Stage } from './stage.ts';

/** What came of a mistake. */
export interface Outcome {
  /** What was printed, with what differs from run to run replaced. */
  readonly printed: string;
  readonly exit: number | null;
  /** What was left, removed or changed in the folder of the stage. */
  readonly changed: readonly string[];
}

/** Makes the mistake in a copy of `scene`, and answers what the program did. */
export async function make(mistake: Mistake, scene: Stage): Promise<Outcome> {
  const stage = Stage.copy(scene);
  try {
    await mistake.stage?.(stage);
    const before = stage.listing();
    const { printed, exit } = await run({
      ...mistake,
      cwd: stage.dir,
      around: mistake.around?.(stage) ?? [],
      ...(mistake.exit === 'running' ? { until: mistake.code } : {}),
    });
    const shown = mistake.exit === 'running' ? linesWith(printed, mistake.code) : printed;
    return { printed: cleaned(shown, stage), exit, changed: differences(before, stage.listing()) };
  } finally {
    await stage.close();
  }
}

/** A program that goes on prints more than what it says of this. */
const linesWith = (printed: string, code: string): string =>
  printed.split('\n').find((line) => line.includes(code)) ?? printed;

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}
