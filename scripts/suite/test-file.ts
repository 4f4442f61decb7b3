import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export interface TestFileLimits {
  /** After this a test file fails by itself and tells what it waited for, unless it sets a time of its own (tap). */
  readonly timeoutS: number;
  /** After this it is killed: it stands still or did not end. */
  readonly killS: number;
}

export interface TestFileResult {
  readonly counts: Tally;
  readonly seconds: number;
  /** What to show below the file's name: what failed and what was left out. */
  readonly lines: readonly string[];
}

const MOST_LINES = 200;
/** Where it stands, and what was found in place of what was expected. */
const LINES_OF_A_FAILURE = 30;

/**
 * Runs one test file by itself, without tap's runner, which loads its coverage and its loader into every process that a
 * test starts (twelve small files: 8.6 s of processor time with it, 5.4 s without). A file that ends badly or without
 * counts is a failure.
 */
export async function runTestFile(file: string, limits: TestFileLimits): Promise<TestFileResult> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAP: '1', TAP_TIMEOUT: String(limits.timeoutS) },
  });
  const exited = once(child, 'close');
  const late = setTimeout(() => child.kill('SIGKILL'), limits.killS * 1000);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const [code] = await exited;
  clearTimeout(late);
  const counts = countsIn(lines);
  if (counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped === 0)) counts.failed = 1;
  const shown = [...(counts.failed > 0 ? failuresIn(lines) : []), ...lines.filter(isSkipped).map(indented)];
  return { counts, seconds: (performance.now() - startedMs) / 1000, lines: shown };
}

/** Tap's closing `# { total: 3, pass: 2, skip: 1 }`. */
function countsIn(lines: readonly string[]): Tally {
  const line = lines.findLast((one) => one.startsWith('# { total:')) ?? '';
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(line)?.[1] ?? 0);
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') };
}

/** What was left out, with its reason: a number at the end would not tell that a package is missing. */
function isSkipped(line: string): boolean {
  return /^\s*ok .* # (SKIP|TODO)/i.test(line);
}

/** The lines that tell what failed: each failing line with what follows it; the last ones where none tells. */
function failuresIn(lines: readonly string[]): string[] {
  const wanted = new Set<number>();
  lines.forEach((line, at) => {
    if (!/^\s*not ok /.test(line) && !/^\s*# (Error|Bail)/.test(line)) return;
    for (let near = at; near < Math.min(at + LINES_OF_A_FAILURE, lines.length); near += 1) wanted.add(near);
  });
  const found = [...wanted].sort((a, b) => a - b).map((at) => lines[at] ?? '');
  return (found.length > 0 ? found : lines.slice(-40)).slice(0, MOST_LINES).map(indented);
}

function indented(line: string): string {
  return `  ${line.trimEnd()}`;
}
