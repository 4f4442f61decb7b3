import { spawn } from 'node:child_process';
import { WatchpostError } from '#contract/errors.ts';

/** `ssh://[user@]host[:port]/DIR`, where DIR is a folder on the other machine. */
export interface SshPlace {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
  readonly dir: string;
}

/** Null for what is no such address. Throws WP4430 for one that is wrong, or holds a password. */
export function sshPlaceOf(text: string): SshPlace | null {
  if (!text.startsWith('ssh://')) return null;
  const url = URL.parse(text);
  const dir = decodeURIComponent(url?.pathname ?? '');
  const isWrong = url === null || url.hostname === '' || url.hostname.startsWith('-') || dir.length < 2;
  if (isWrong || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new WatchpostError('WP4430', {
      detail: `${text.replace(/:[^:@/]*@/, ':…@')} is not ssh://user@host/DIR`,
    });
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { user: url.username || null, host, port: url.port === '' ? null : Number(url.port), dir };
}

/** A board that starts a program from a slow card. */
const LIMIT_MS = 120_000;
const MOST_BYTES = 1_048_576;
/** Of ssh itself: it could not connect, or was not let in (ssh(1), EXIT STATUS). */
const SSH_FAILED = 255;

export interface RemoteRun {
  readonly place: SshPlace;
  /** `-o` of ssh, such as StrictHostKeyChecking. Unknown hosts are refused unless one of them says otherwise. */
  readonly options: readonly string[];
  readonly command: readonly string[];
  readonly input?: string;
}

/**
 * Runs a command on another machine by the system's ssh, which asks nobody anything; answers its standard output. Rejects
 * with WP4430 when it is not reached or not let in, WP4431 when the command fails there, with what it said.
 */
export function runRemote({ place, options, command, input = '' }: RemoteRun): Promise<string> {
  const { user, host, port } = place;
  const args = [
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', ...options.flatMap((option) => ['-o', option])],
    ...(port === null ? [] : ['-p', String(port)]),
    ...['--', user === null ? host : `${user}@${host}`, command.map(quoted).join(' ')],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: LIMIT_MS });
    const said = { out: '', error: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      if (said.out.length < MOST_BYTES) said.out += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said.error = (said.error + chunk.toString('utf8')).slice(-4_000);
    });
    child.once('error', (cause) => reject(new WatchpostError('WP4430', { detail: cause.message, cause })));
    // One that has ended before it read everything: its exit code says why.
    child.stdin.on('error', () => undefined).end(input);
    child.once('close', (code) => {
      if (code === 0) resolve(said.out);
      else {
        const failed = code === SSH_FAILED || code === null ? 'WP4430' : 'WP4431';
        reject(new WatchpostError(failed, { detail: `${host}: ${said.error.trim() || `exit ${code}`}` }));
      }
    });
  });
}

/** For a POSIX shell (XCU 2.2.2). */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
