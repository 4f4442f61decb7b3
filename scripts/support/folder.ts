import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';

/** A file that is sent, as it is on the disk. */
export interface Taken {
  readonly name: string;
  readonly kind: 'json' | 'log' | 'text';
  readonly text: string;
  /** Bytes at its beginning that were too many. */
  readonly cut: number;
}

export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** What is known to be of use, and holds no pictures and no sound. Whatever is not here is left out. */
const WANTED: readonly { readonly name: RegExp; readonly kind: Taken['kind'] }[] = [
  { name: /^profile(?:\.good)?\.json$/, kind: 'json' },
  { name: /^(?:starts|sim|sim-world)\.json$/, kind: 'json' },
  { name: /^last-end$/, kind: 'text' },
  { name: /^(?:agent|broker|vision)\.log(?:\.\d)?$/, kind: 'log' },
  { name: /^site\.(?:yaml|yml|json)$/, kind: 'text' },
];
const MOST_JSON_BYTES = 1024 * 1024;

const REASONS: readonly { readonly name: RegExp; readonly reason: string }[] = [
  { name: /\.(?:pem|key|crt|crl|p12|csr|tpm)$|token|secret|^id_/i, reason: 'keys and tokens are never sent' },
  {
    name: /\.(?:db|db-wal|db-shm|db\.reserve|db\.stamp)$|^ballast$/,
    reason: 'stored alarms and events: counted, not sent',
  },
  { name: /\.(?:wav|mp3|ogg|opus|flac)$/i, reason: 'sound is never sent' },
  { name: /\.(?:jpe?g|png|pnm|webm|mp4|mkv|gif)$/i, reason: 'pictures are never sent' },
];

/** Reads what is wanted of a folder; links are not followed, and nothing but plain files is opened. */
export function takeFrom(dir: string, mostLogBytes: number): { taken: Taken[]; leftOut: LeftOut[] } {
  const taken: Taken[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    const kind = WANTED.find((wanted) => wanted.name.test(name))?.kind;
    if (entry.isSymbolicLink()) leftOut.push({ name, reason: 'a link is not followed' });
    else if (entry.isDirectory()) leftOut.push({ name: `${name}/`, reason: folderReason(dir, name) });
    else if (!entry.isFile()) leftOut.push({ name, reason: 'no plain file' });
    else if (kind === undefined) leftOut.push({ name, reason: reasonFor(name) });
    else taken.push(take(join(dir, name), { name, kind }, kind === 'log' ? mostLogBytes : MOST_JSON_BYTES));
  }
  return { taken, leftOut };
}

const reasonFor = (name: string): string =>
  REASONS.find((each) => each.name.test(name))?.reason ?? 'not known to be of use';

function folderReason(dir: string, name: string): string {
  const count = existsSync(join(dir, name)) ? readdirSync(join(dir, name)).length : 0;
  const what = /evidence|pictures|references|clips/.test(name)
    ? 'pictures are never sent'
    : 'folders are not sent';
  return `${what} (${count} entries)`;
}

/** The end of the file, from a whole line on. What became a link since it was listed is refused by the kernel. */
function take(path: string, { name, kind }: Pick<Taken, 'name' | 'kind'>, most: number): Taken {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - most);
    const bytes = Buffer.alloc(size - from);
    const read = readSync(fd, bytes, 0, bytes.length, from);
    const text = bytes.subarray(0, read).toString('utf8');
    const start = from === 0 ? 0 : text.indexOf('\n') + 1;
    return { name, kind, text: text.slice(start), cut: from + start };
  } finally {
    closeSync(fd);
  }
}

export const isFolder = (dir: string): boolean =>
  lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() ?? false;
