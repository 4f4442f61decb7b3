import type { ErrorCode } from '../errors.ts';

/** What is wrong with a site map, said so that it can be put right. */
export interface MapProblem {
  readonly code: ErrorCode;
  /** With an error a map is not used; a warning is for whoever draws it. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** Counted from 1; null where a format has no lines worth naming. */
  readonly line: number | null;
  /** Where in the file, such as `layouts[0].nodes[3].nodeId`. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** One line for people. */
export function problemText({ severity, code, file, line, path, message, hint }: MapProblem): string {
  const place = [file, line === null ? null : String(line)].filter((part) => part !== null).join(':');
  return `${place}: ${severity} ${code}: ${path === '' ? '' : `${path} `}${message}; ${hint}`;
}

/** `['layouts', 0, 'nodes']` → `layouts[0].nodes` */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');

/** Collects what is wrong with one file. */
export class ProblemList {
  readonly #problems: MapProblem[] = [];

  get all(): readonly MapProblem[] {
    return this.#problems;
  }

  get hasErrors(): boolean {
    return this.#problems.some(({ severity }) => severity === 'error');
  }

  error(code: ErrorCode, problem: Where): void {
    this.#add(code, 'error', problem);
  }

  warning(code: ErrorCode, problem: Where): void {
    this.#add(code, 'warning', problem);
  }

  #add(code: ErrorCode, severity: MapProblem['severity'], { line = null, path = '', ...rest }: Where): void {
    this.#problems.push({ code, severity, line, path, ...rest });
  }
}

export interface Where {
  readonly file: string;
  readonly line?: number | null;
  readonly path?: string;
  readonly message: string;
  readonly hint: string;
}
