import { isNode, LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import type { ErrorCode } from '../errors.ts';
import { type ProblemList, pathText } from './problem.ts';

interface Source {
  readonly file: string;
  readonly text: string;
  /** What a file that does not fit its schema is called. */
  readonly misfit: ErrorCode;
  readonly hint: string;
  readonly problems: ProblemList;
}

/** The line of the nearest part of a path that is in the file. */
export type LineOf = (path: readonly PropertyKey[]) => number | null;

/** How many mistakes of one file are named: a wrong exporter makes the same one thousands of times. */
const MOST_NAMED = 20;

/** The document of a YAML file, or null when it does not fit; each mistake comes with its line. */
export function parseYaml<S extends z.ZodType>(
  schema: S,
  source: Source,
): { readonly value: z.infer<S>; readonly lineOf: LineOf } | null {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, uniqueKeys: true });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const [reason = 'it is not YAML'] = mistake.message.split('\n');
    const { line } = lines.linePos(mistake.pos[0]);
    source.problems.error('WP4802', { file: source.file, line, message: reason, hint: 'correct the YAML' });
    return null;
  }
  const lineOf: LineOf = (path) => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      const offset = isNode(node) ? node.range?.[0] : undefined;
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    return 1;
  };
  const value = fit(schema, document.toJS() ?? {}, source, lineOf);
  return value === null ? null : { value, lineOf };
}

/** The document of a JSON file, or null when it does not fit; each mistake comes with its path. */
export function parseJson<S extends z.ZodType>(schema: S, source: Source): z.infer<S> | null {
  try {
    return fit(schema, JSON.parse(source.text), source, () => null);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    source.problems.error('WP4802', { file: source.file, message: error.message, hint: 'correct the JSON' });
    return null;
  }
}

function fit<S extends z.ZodType>(
  schema: S,
  document: unknown,
  { file, misfit, hint, problems }: Source,
  lineOf: LineOf,
): z.infer<S> | null {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  for (const { path, message } of issues.slice(0, MOST_NAMED)) {
    problems.error(misfit, { file, line: lineOf(path), path: pathText(path), message, hint });
  }
  if (issues.length > MOST_NAMED) {
    problems.error(misfit, { file, message: `has ${issues.length - MOST_NAMED} mistakes more`, hint });
  }
  return null;
}
