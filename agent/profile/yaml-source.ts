import { readFileSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { childPath, type Located, type Origin } from './origin.ts';
import { ProfileError } from './problem.ts';

/** Aliases are refused (a profile is read by people), and so is a file over this size. */
const MAX_BYTES = 256 * 1024;

/**
 * Reads one YAML 1.2 file with the line of every value.
 * @throws ProfileError WP4001 (cannot be read), WP4002 (not YAML, with line and column)
 */
export function readYaml(file: string): Located {
  const text = readText(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw syntaxError(file, line, `column ${col}: ${firstLine(fault.message)}`);
  }
  const origins = new Map<string, Origin>();
  const lineOf = (node: Node) => lines.linePos(node.range?.[0] ?? 0).line;
  const value = document.contents === null ? null : read(document.contents, '', { file, origins, lineOf });
  return { value, origins };
}

interface Reading {
  readonly file: string;
  readonly origins: Map<string, Origin>;
  readonly lineOf: (node: Node) => number;
}

function read(node: Node, path: string, reading: Reading): unknown {
  const { file, origins, lineOf } = reading;
  if (!origins.has(path)) origins.set(path, { file, line: lineOf(node) });
  if (isAlias(node)) throw syntaxError(file, lineOf(node), 'aliases (*name) are not used in profiles');
  if (isMap<Node, Node | null>(node)) return readMap(node.items, path, reading);
  if (isSeq<Node>(node)) return node.items.map((item, index) => read(item, childPath(path, index), reading));
  return isScalar(node) ? node.value : null;
}

function readMap(
  items: readonly { key: Node; value: Node | null }[],
  path: string,
  reading: Reading,
): object {
  const result: Record<string, unknown> = Object.create(null);
  for (const { key, value } of items) {
    const name = isScalar(key) ? String(key.value) : '?';
    const itsPath = childPath(path, name);
    reading.origins.set(itsPath, { file: reading.file, line: reading.lineOf(key) });
    result[name] = value === null ? null : read(value, itsPath, reading);
  }
  return result;
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= MAX_BYTES) return bytes.toString('utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw unreadable(file, `cannot be read (${why})`);
  }
  throw unreadable(file, `is larger than ${MAX_BYTES} bytes`);
}

function unreadable(file: string, message: string): ProfileError {
  const hint = 'name a YAML file that exists and that you may read';
  return new ProfileError([{ code: 'WP4001', file, line: 0, path: '', message, hint }]);
}

function syntaxError(file: string, line: number, message: string): ProfileError {
  const hint = 'correct the YAML at this line';
  return new ProfileError([{ code: 'WP4002', file, line, path: '', message, hint }]);
}

const firstLine = (text: string): string => text.split('\n')[0] ?? text;
