import { closeSync, constants, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { WatchpostError } from '#contract/errors.ts';
import type { Collected } from './collect.ts';
import { tarOf } from './tar.ts';

const FOLDER = 'watchpost-support';

/** The archive, as `tar -xzf` takes it. */
export const archiveOf = (files: readonly Collected[], atMs: number): Buffer =>
  gzipSync(
    tarOf(
      files.map(({ name, text }) => ({ name: `${FOLDER}/${name}`, content: Buffer.from(text) })),
      atMs,
    ),
  );

/**
 * Writes it for its owner alone, whole or not at all. Nothing that exists is replaced, and no link is followed.
 * @throws WatchpostError WP4780
 */
export function writeArchive(file: string, bytes: Buffer): void {
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined)
    throw new WatchpostError('WP4780', { detail: `${file} exists` });
  const draft = `${file}.${process.pid}.new`;
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = openSync(draft, flags, 0o600);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, file);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new WatchpostError('WP4780', { detail: cause instanceof Error ? cause.message : file, cause });
  }
}
