import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Readable by its owner alone. */
export const SECRET_MODE = 0o600;
export const PUBLIC_MODE = 0o644;

/**
 * Leaves the file as it was or as it shall be, and on the disk: whatever ends in between. What root writes belongs to whoever
 * has the folder: the broker must be able to read the key that was renewed for it.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const draft = `${path}.new`;
  // Made anew ('wx': O_EXCL follows no link): whoever has the folder could have left a link there for root to write through.
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', mode);
  try {
    writeFileSync(file, content);
    if (process.getuid?.() === 0) {
      const { uid, gid } = statSync(dirname(path));
      fchownSync(file, uid, gid);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** Has the names in a folder on the disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
