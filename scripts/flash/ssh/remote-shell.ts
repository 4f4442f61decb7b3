import { type ErrorCode, WatchpostError } from '#contract/errors.ts';
import { complaintError } from '../medium-error.ts';
import { runTool, type ToolResult } from '../tool.ts';

/** `ssh://[user@]host[:port]/folder` */
export interface RemotePlace {
  /** `user@host`, as ssh takes it. */
  readonly login: string;
  readonly port: number | null;
  /** Absolute. */
  readonly folder: string;
}

export interface RemoteOrder {
  /** For /bin/sh, with arguments as $1 and so on. */
  readonly script: string;
  readonly args: readonly string[];
  readonly input?: AsyncIterable<Uint8Array>;
  readonly timeoutMs: number;
}

/** Exit codes of our scripts (sysexits.h: EX_NOINPUT, EX_TEMPFAIL), and ssh's own for whatever went wrong on the way. */
export const REMOTE_EXIT = { noDevice: 66, locked: 75, onTheWay: 255 } as const;

/** What OpenSSH says before anything was run. The first that fits. */
const COMPLAINTS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/host key verification failed|remote host identification has changed/i, 'WP4321'],
  [/permission denied \(|too many authentication failures|no mutual signature/i, 'WP4322'],
  [/could not resolve|connection (refused|timed out)|no route to host|network is unreachable/i, 'WP4320'],
];

/** Throws WP4302 for what is no such address. */
export function readPlace(to: string): RemotePlace {
  const [, user, host, port, folder] =
    /^ssh:\/\/(?:([^@/:]+)@)?(\[[^\]]+\]|[^@/:[]+)(?::(\d{1,5}))?(\/.+)$/.exec(to) ?? [];
  // A name with a dash in front would be an option.
  if (host === undefined || folder === undefined || `${user ?? host}`.startsWith('-')) {
    throw new WatchpostError('WP4302', { detail: `${to} is not ssh://[user@]host[:port]/folder` });
  }
  const name = host.replace(/^\[(.*)\]$/, '$1');
  return {
    login: user === undefined ? name : `${user}@${name}`,
    port: port === undefined ? null : Number(port),
    folder,
  };
}

/** The system's ssh: its keys, agents and jump hosts are the technician's own. Nothing is asked; known hosts are demanded. */
export class RemoteShell {
  readonly #place: RemotePlace;
  readonly #options: readonly string[];

  constructor(place: RemotePlace, options: readonly string[]) {
    this.#place = place;
    this.#options = options;
  }

  /** Rejects with WP4306–WP4308, WP4312, WP4314, WP4315, WP4320–WP4323. */
  async run({ script, args, input, timeoutMs }: RemoteOrder): Promise<string> {
    const words = ['sh', '-c', quoted(script), 'watchpost-flash', ...args.map(quoted)];
    const result = await runTool({
      command: ['ssh', ...this.#sshOptions(), '--', this.#place.login, words.join(' ')],
      ...{ from: 'openssh-client', timeoutMs },
      ...(input === undefined ? {} : { input }),
    });
    if (result.code === 0) return result.output;
    throw this.#refusal(result, input === undefined ? 'WP4320' : 'WP4312');
  }

  #sshOptions(): readonly string[] {
    const fixed = [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      'ConnectTimeout=20',
      'ServerAliveInterval=15',
    ];
    const options = [...fixed, ...this.#options].flatMap((option) => ['-o', option]);
    return this.#place.port === null ? options : [...options, '-p', String(this.#place.port)];
  }

  #refusal({ code, complaint, output, timedOut }: ToolResult, otherwise: ErrorCode): WatchpostError {
    const { login, folder } = this.#place;
    if (timedOut) return new WatchpostError('WP4320', { detail: `${login} does not answer` });
    if (code === REMOTE_EXIT.noDevice) return new WatchpostError('WP4323', { detail: `${login}:${folder}` });
    if (code === REMOTE_EXIT.locked) return new WatchpostError('WP4308', { detail: output.trim() });
    if (code !== REMOTE_EXIT.onTheWay) return complaintError(complaint, login);
    const known = COMPLAINTS.find(([pattern]) => pattern.test(complaint))?.[1] ?? otherwise;
    return new WatchpostError(known, { detail: `${login}: ${complaint.split('\n').at(-1)?.trim() ?? ''}` });
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
