import type { Finding, Result } from './finding.ts';

const WIDTH = 8;
/** The worst stand where the eye is when the command has ended. */
const ORDER: readonly Result[] = ['skipped', 'ok', 'warning', 'failed'];
const WORDS: Readonly<Record<Result, string>> = {
  ok: 'ok',
  warning: 'WARNING',
  failed: 'FAILED',
  skipped: 'skipped',
};

/** A line a finding, what is wrong last and with its remedy below it, and a sum. */
export function reportLines(findings: readonly Finding[]): string[] {
  const column = Math.min(28, Math.max(...findings.map(({ what }) => what.length), 0));
  const lines = ORDER.flatMap((result) =>
    findings.filter((finding) => finding.result === result).flatMap((finding) => linesOf(finding, column)),
  );
  return [...lines, '', sumOf(findings)];
}

function linesOf({ what, result, evidence, code, remedy }: Finding, column: number): string[] {
  const said = code === undefined ? evidence : `${code} ${evidence}`;
  const line = `${WORDS[result].padEnd(WIDTH)} ${what.padEnd(column)}  ${said}`;
  return remedy === undefined ? [line] : [line, `${' '.repeat(WIDTH)} → ${remedy}`];
}

function sumOf(findings: readonly Finding[]): string {
  const count = (result: Result) => findings.filter((finding) => finding.result === result).length;
  const sums = `${count('ok')} ok, ${count('warning')} warnings, ${count('failed')} failed, ${count('skipped')} skipped`;
  return `${sums}.`;
}
