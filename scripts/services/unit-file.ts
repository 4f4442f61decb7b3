import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import { ROOT } from '../site/demo-site.ts';

/** What fills the names between @…@ in the files of deploy/systemd. */
export interface UnitValues {
  /** The folder of the program, there where it will run. */
  readonly root: string;
  readonly node: string;
  readonly flags: readonly string[];
  readonly args: readonly string[];
  /** Files that the folder is prepared from. */
  readonly files: readonly string[];
  /** The data folder; under /var/lib. */
  readonly data: string;
  /** What the program may write: that folder, or the card that it lies in. */
  readonly state: string;
  readonly name: string;
}

const TEMPLATES = join(ROOT, 'deploy/systemd');
const STATE_ROOT = '/var/lib/';
/** In several places of a unit a path with anything else would have to be written in several ways. */
const PLAIN_PATH = /^\/[A-Za-z0-9/._-]+$/;

/** @throws WatchpostError WP5082 for a folder that a service cannot have */
export function renderUnit(template: string, values: UnitValues): string {
  const { root, node, flags, args, files, data, state, name } = values;
  for (const path of [root, node, data, state]) requirePlain(path);
  if (!state.startsWith(STATE_ROOT))
    throw new WatchpostError('WP5082', { detail: `${state} is not under ${STATE_ROOT}` });
  const words: Record<string, string> = {
    ROOT: root,
    NODE: node,
    FLAGS: quoted(flags),
    ARGS: quoted(args),
    FILES: quoted(files),
    DATA: data,
    STATE: state.slice(STATE_ROOT.length),
    NAME: name,
  };
  const text = readFileSync(join(TEMPLATES, template), 'utf8');
  return text.replaceAll(/^(?!#).*$/gm, (line) =>
    line.replaceAll(/@([A-Z]+)@/g, (whole, key: string) => words[key] ?? whole),
  );
}

export function requirePlain(path: string): void {
  if (PLAIN_PATH.test(path) && !path.includes('..')) return;
  throw new WatchpostError('WP5082', { detail: path });
}

/** Words of a command line as systemd reads them (systemd.service(5), "Command lines"; systemd.unit(5), specifiers). */
export function quoted(words: readonly string[]): string {
  return words.map(quotedWord).join(' ');
}

function quotedWord(word: string): string {
  const escaped = word.replaceAll(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(word) ? escaped : `"${escaped}"`;
}
