import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** These start real processes under load, pipelines or a browser: one file at a time, with longer limits. */
const SERIAL = [
  'test/fault/',
  'test/browser/',
  'test/hardware/',
  'test/agent/drivers/audio/',
  'test/agent/drivers/gstreamer/',
  'test/agent/vision/live/',
  'test/device-profiles/library/',
];
/** The share of the other files that is run beside the serial ones: together they take about as long. */
const BESIDE = { take: 2, of: 5 } as const;
const TAP = 'node_modules/.bin/tap';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const args = process.argv.slice(2);
const extended = args.includes('--extended');
const named = args.filter((arg) => !arg.startsWith('-'));
const unknown = args.filter((arg) => arg.startsWith('-') && arg !== '--extended');
if (unknown.length > 0) {
  process.stderr.write(`WP5024 unknown option ${unknown.join(' ')}; use scripts/test [FILE…] [--extended]\n`);
  process.exit(2);
}

if (named.length === 0) await runChecks();
await runTap(selected());
const parts = [`${tally.passed} passed`, `${tally.failed} failed`];
if (tally.skipped > 0) parts.push(`${tally.skipped} skipped`);
process.stdout.write(`${parts.join(', ')}\n`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;

/** Lint, formatting and types, each counted as one test. */
async function runChecks(): Promise<void> {
  const checks: [string, string[]][] = [
    ['lint and formatting', ['node_modules/.bin/biome', 'ci', '--colors=off', '.']],
    ['types', ['node_modules/.bin/tsc', '--noEmit']],
    ['types of the pages', ['node_modules/.bin/tsc', '--noEmit', '-p', 'broker/console']],
    ['types of the kiosk page', ['node_modules/.bin/tsc', '--noEmit', '-p', 'agent/kiosk-page']],
  ];
  for (const [what, [command = '', ...rest]] of checks) {
    const code = await run(command, rest);
    process.stdout.write(`${code === 0 ? 'ok' : 'not ok'} - ${what}\n`);
    if (code === 0) tally.passed += 1;
    else tally.failed += 1;
  }
}

function selected(): string[] {
  const files = named.flatMap((name) =>
    /\.ts$/.test(name) ? globSync(name) : globSync(`${name}/**/*.test.ts`),
  );
  if (named.length > 0) {
    if (files.length > 0) return files;
    process.stderr.write(`WP5024 no test file fits ${named.join(' ')}\n`);
    process.exit(2);
  }
  const all = globSync('test/**/*.test.ts');
  return extended ? all : all.filter((file) => !file.endsWith('.extended.test.ts'));
}

/**
 * The serial ones mostly wait: beside them goes a part of the others, one at a time as well, which leaves both cores
 * busy and none crowded.
 */
async function runTap(files: readonly string[]): Promise<void> {
  const slow = files.filter((file) => file.endsWith('.extended.test.ts'));
  const serial = files.filter(
    (file) => !slow.includes(file) && SERIAL.some((folder) => file.startsWith(folder)),
  );
  const others = files.filter((file) => !slow.includes(file) && !serial.includes(file));
  const beside = serial.length === 0 ? [] : others.filter((_, at) => at % BESIDE.of < BESIDE.take);
  const rest = others.filter((file) => !beside.includes(file));
  await Promise.all([
    runGroup(serial, ['--jobs=1', '--timeout=400']),
    runGroup(beside, ['--jobs=1', '--timeout=180']),
  ]);
  await runGroup(rest, ['--jobs=2', '--timeout=180']);
  await runGroup(slow, ['--jobs=1', '--timeout=3600']);
}

/** Runs one group and adds its closing counts; a group without counts is a failure. */
async function runGroup(files: readonly string[], options: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const child = spawn(TAP, ['run', '--reporter=tap', ...options, '--', ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let block: string[] = [];
  let closing = '';
  for await (const line of createInterface({ input: child.stdout })) {
    block.push(line);
    if (line.startsWith('# { total:')) closing = line;
    if (!/^(not )?ok \d+ - /.test(line)) continue;
    process.stdout.write(`${line.replace(/ \{$/, '')}\n`);
    if (line.startsWith('not ok')) process.stdout.write(`${failuresIn(block).join('\n')}\n`);
    for (const skipped of block.filter(isSkipped)) process.stdout.write(`  ${skipped.trim()}\n`);
    block = [];
  }
  const [code] = await exited;
  const counts = countsIn(closing);
  tally.passed += counts.passed;
  tally.skipped += counts.skipped;
  tally.failed += code !== 0 && counts.failed === 0 ? 1 : counts.failed;
}

/** What was left out, with its reason: a number at the end would not tell that a package is missing. */
function isSkipped(line: string): boolean {
  return /^\s+ok .* # (SKIP|TODO)/i.test(line);
}

/** The lines of a file's output that tell what failed: each failing line with what follows it. */
function failuresIn(block: readonly string[]): string[] {
  const wanted = new Set<number>();
  block.forEach((line, at) => {
    if (!/^\s+not ok /.test(line) && !/^\s*# (Error|Bail)/.test(line)) return;
    for (let near = at; near < Math.min(at + 12, block.length); near += 1) wanted.add(near);
  });
  const lines = [...wanted].sort((a, b) => a - b).map((at) => `  ${block[at]}`);
  return (lines.length > 0 ? lines : block.slice(-40)).slice(0, 200);
}

/** Reads tap's closing `# { total: 3, pass: 2, skip: 1 }`. */
function countsIn(line: string): Tally {
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(line)?.[1] ?? 0);
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') };
}

function run(command: string, rest: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
