import { type ErrorCode, WatchpostError } from '#contract/errors.ts';

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'WP4301',
  ENOSPC: 'WP4306',
  EDQUOT: 'WP4306',
  EROFS: 'WP4307',
  EPERM: 'WP4307',
  EACCES: 'WP4315',
  EBUSY: 'WP4309',
  EIO: 'WP4312',
  ENXIO: 'WP4312',
  ENODEV: 'WP4312',
  ENOMEDIUM: 'WP4312',
};

/** What the system says of a medium, in our codes; what it does not say is passed on as it is. */
export function mediumError(error: unknown, where: string): unknown {
  if (error instanceof WatchpostError || !(error instanceof Error) || !('code' in error)) return error;
  const code = CODES[String(error.code)];
  return code === undefined ? error : new WatchpostError(code, { detail: where, cause: error });
}

/** What mtools and others print, which give no codes. The first that fits. */
const COMPLAINTS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/disk full|no space left/i, 'WP4306'],
  [/read-only|write.?protected|operation not permitted/i, 'WP4307'],
  [/permission denied/i, 'WP4315'],
  // A file whose writing was cut off: its chain of clusters leads nowhere, and it is written over.
  [/fat problem|fat error|bad fat/i, 'WP4101'],
  [/device is locked|resource busy|is busy/i, 'WP4308'],
];

/** A complaint of a program that writes to a medium: WP4312 where nothing better is known. */
export function complaintError(complaint: string, where: string): WatchpostError {
  const code = COMPLAINTS.find(([pattern]) => pattern.test(complaint))?.[1] ?? 'WP4312';
  const said = complaint.split('\n')[0] ?? '';
  return new WatchpostError(code, { detail: said === '' ? where : `${where}: ${said}` });
}
