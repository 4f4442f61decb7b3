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
      words: mistake.words.map((word) => stage.filledIn(word)),
      cwd: stage.dir,
      around: mistake.around?.(stage) ?? [],
      ...(mistake.exit === 'running' ? { until: mistake.code } : {}),
    });
    const shown = mistake.shows === 'its line' ? linesWith(printed, mistake.code) : printed;
    return { printed: cleaned(shown, stage), exit, changed: differences(before, stage.listing()) };
  } finally {
    await stage.close();
  }
}

/** The first line with the code, and what to do under it. */
function linesWith(printed: string, code: string): string {
  const lines = printed.split('\n');
  const forPeople = lines.findIndex((line) => line.includes(code) && !line.startsWith('{'));
  const at = forPeople >= 0 ? forPeople : lines.findIndex((line) => line.includes(code));
  if (at < 0) return printed;
  const next = lines[at + 1] ?? '';
  return ['…', lines[at] ?? '', ...(/^\s*→/.test(next) ? [next] : []), '…'].join('\n');
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}
