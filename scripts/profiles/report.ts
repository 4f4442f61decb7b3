import { relative, resolve } from 'node:path';
import type { LintProblem } from './lint.ts';

/**
 * Two lines a problem: where and what, then what to do. File and line come first and together, as terminals and
 * editors open them.
 */
export function reportOf(problem: LintProblem): string {
  const { file, line, path, message, hint, code, severity } = problem;
  const where = line > 0 ? `${shown(file)}:${line}` : shown(file);
  return `${where} ${severity} ${code}\n  ${path === '' ? 'the profile' : path} ${message}\n  → ${hint}`;
}

/** The last line: how it came out. */
export function summaryOf(files: number, problems: readonly LintProblem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const what = [counted(errors, 'error'), counted(problems.length - errors, 'warning')].join(', ');
  return `${what} in ${counted(files, 'profile')}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** As short as it can be named from here. */
export function shown(file: string): string {
  const from = relative(process.cwd(), resolve(file));
  return from.startsWith('../../..') ? file : from;
}
