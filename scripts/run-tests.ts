import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { type Job, runPool } from './suite/pool.ts';
import { runTestFile, type Tally } from './suite/test-file.ts';

type Sort = 'processes' | 'waiting' | 'plain';
interface Work extends Job<Sort> {
  /** What is printed once it is done. */
  readonly run: () => Promise<{ counts: Tally; lines: readonly string[]; seconds: number }>;
}

/** These wait for sound and pictures, which come no faster than they play, for a browser or for a watchdog. */
const WAITING = [
  'test/agent/drivers/audio/',
  'test/agent/drivers/gstreamer/',
  'test/agent/vision/live/',
  'test/browser/',
  'test/device-profiles/library/',
  'test/fault/frozen',
  'test/fault/slots',
  'test/fault/starts',
  'test/hardware/',
];
/** These start devices and sites, and end them badly. */
const PROCESSES = ['test/fault/', 'test/broker/commissioning/', 'test/broker/server/'];
/** The longest go first, so that none is left over at the end while another core idles. */
const LONGEST = [
  'test/scripts/site-authority/renew-devices.test.ts',
  'test/scripts/field-errors/field-errors.test.ts',
  'test/scripts/bench/broker.test.ts',
  'test/scripts/bench/bench.test.ts',
  'test/agent/core/kill/kill.test.ts',
  'test/agent/behaviours/detection/vision-keeper.test.ts',
  'test/agent/vision/evidence/attack.test.ts',
  'test/agent/vision/left-behind.test.ts',
];
const LIMITS = {
  processes: { timeoutS: 400, killS: 900 },
  waiting: { timeoutS: 400, killS: 900 },
  plain: { timeoutS: 180, killS: 600 },
  extended: { timeoutS: 3600, killS: 5 * 3600 },
} as const;
const CORES = Math.max(2, availableParallelism());

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const args = process.argv.slice(2);
const extended = args.includes('--extended');
const named = args.filter((arg) => !arg.startsWith('-'));
const unknown = args.filter((arg) => arg.startsWith('-') && arg !== '--extended');
if (unknown.length > 0) {
  process.stderr.write(`WP5024 unknown option ${unknown.join(' ')}; use scripts/test [FILE…] [--extended]\n`);
  process.exit(2);
}

const files = selected();
const isSlow = (file: string) => file.endsWith('.extended.test.ts');
const routine = files.filter((file) => !isSlow(file)).map(workOf);
/** One at a time of what mostly waits, with longer limits, beside what computes. */
const perSort = new Map<Sort, number>([
  ['processes', 1],
  ['waiting', 1],
  ['plain', CORES],
]);
let done = 0;
await runPool([...(named.length === 0 ? checks() : []), ...routine], { atOnce: CORES + 1, perSort }, finish);
await runPool(files.filter(isSlow).map(workOf), { atOnce: 1, perSort }, finish);
const parts = [`${tally.passed} passed`, `${tally.failed} failed`];
if (tally.skipped > 0) parts.push(`${tally.skipped} skipped`);
process.stdout.write(`${parts.join(', ')}\n`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;

/** Runs one, prints what became of it, and counts it. */
async function finish({ name, run }: Work): Promise<void> {
  const { counts, lines, seconds } = await run();
  done += 1;
  const ok = counts.failed === 0 ? 'ok' : 'not ok';
  process.stdout.write(`${[`${ok} ${done} - ${name} # time=${seconds.toFixed(1)}s`, ...lines].join('\n')}\n`);
  tally.passed += counts.passed;
  tally.failed += counts.failed;
  tally.skipped += counts.skipped;
}

function workOf(file: string): Work {
  const isIn = (folders: readonly string[]) => folders.some((folder) => file.startsWith(folder));
  const sort = isIn(WAITING) ? 'waiting' : isIn(PROCESSES) ? 'processes' : 'plain';
  const limits = LIMITS[isSlow(file) ? 'extended' : sort];
  return { sort, name: file, run: () => runTestFile(file, limits) };
}

/** Lint, formatting and types, each counted as one test. */
function checks(): Work[] {
  const commands: [string, string[]][] = [
    ['types', ['node_modules/.bin/tsc', '--noEmit']],
    ['types of the pages', ['node_modules/.bin/tsc', '--noEmit', '-p', 'broker/console']],
    ['types of the kiosk page', ['node_modules/.bin/tsc', '--noEmit', '-p', 'agent/kiosk-page']],
    ['lint and formatting', ['node_modules/.bin/biome', 'ci', '--colors=off', '.']],
  ];
  return commands.map(([name, command]) => ({ sort: 'plain', name, run: () => check(command) }));
}

async function check([command = '', ...rest]: readonly string[]) {
  const startedMs = performance.now();
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const failed = code === 0 ? 0 : 1;
  return {
    counts: { passed: 1 - failed, failed, skipped: 0 },
    lines: failed === 0 ? [] : [out, err].filter((part) => part !== ''),
    seconds: (performance.now() - startedMs) / 1000,
  };
}

function selected(): string[] {
  const found = named.flatMap((name) =>
    /\.ts$/.test(name) ? globSync(name) : globSync(`${name}/**/*.test.ts`),
  );
  if (named.length > 0) {
    if (found.length > 0) return found;
    process.stderr.write(`WP5024 no test file fits ${named.join(' ')}\n`);
    process.exit(2);
  }
  const all = globSync('test/**/*.test.ts').sort();
  const wanted = extended ? all : all.filter((file) => !file.endsWith('.extended.test.ts'));
  return [
    ...LONGEST.filter((file) => wanted.includes(file)),
    ...wanted.filter((file) => !LONGEST.includes(file)),
  ];
}
