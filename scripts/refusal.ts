import { type Command, CommanderError } from 'commander';
import { WatchpostError } from '#contract/errors.ts';

/** What is to be done about an answer of the system that a command did not expect. */
const SYSTEM_HINTS: Record<string, string> = {
  EACCES: 'Run it as whoever the file belongs to, or as root: ls -ld on it says who that is.',
  EPERM: 'Run it as whoever the file belongs to, or as root: ls -ld on it says who that is.',
  EROFS: 'It is write-protected: look at the switch of the card or stick, and at mount.',
  ENOSPC: 'The disk is full: df -h says which one. Make room, then run it again.',
  EDQUOT: 'Your share of the disk is used up: make room, then run it again.',
  ENOENT: 'Look whether the name is right, and whether the card or stick is in and mounted.',
  ENOTDIR: 'A file is named where a folder has to be.',
  EISDIR: 'A folder is named where a file has to be.',
  EIO: 'The medium cannot be read or written: it was pulled, or it is worn out. Try another one.',
  EMFILE: 'Too many files are open: ulimit -n says how many may be.',
};

export interface Refusal {
  readonly text: string;
  /** 1 failed, 2 wrong use. */
  readonly exit: 1 | 2;
}

/**
 * What a command that has failed says: code, what happened, what would be right. null for an error that nobody
 * expects: that is a fault of the program, and its stack is what is needed then.
 */
export function refusalOf(error: unknown, program: Command, args: readonly string[]): Refusal | null {
  const known = knownError(error, program, args);
  if (known === null) return null;
  return { text: `${known.message}\n  → ${known.hint}\n`, exit: known.code === 'WP5024' ? 2 : 1 };
}

function knownError(error: unknown, program: Command, args: readonly string[]): WatchpostError | null {
  if (error instanceof WatchpostError) return error;
  if (error instanceof CommanderError) return wrongUse(error, usedCommand(program, args));
  return systemError(error);
}

function wrongUse({ message }: CommanderError, command: string): WatchpostError {
  const [said = '', ...suggested] = message.replace(/^error: /, '').split('\n');
  const help = `scripts/watchpost ${command}--help says what is right.`;
  const hint = [...suggested.map((line) => line.replace(/^\((.*)\)$/, '$1')), help].join(' ');
  return new WatchpostError('WP5024', { detail: said.replace(/\.$/, ''), hint });
}

/** The words that name the command, with a blank after each. */
function usedCommand(program: Command, args: readonly string[]): string {
  const [word] = args;
  const next = program.commands.find((command) => command.name() === word);
  return next === undefined ? '' : `${next.name()} ${usedCommand(next, args.slice(1))}`;
}

function systemError(error: unknown): WatchpostError | null {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return null;
  const hint = SYSTEM_HINTS[String(error.code)];
  if (hint === undefined) return null;
  return new WatchpostError('WP5010', { detail: error.message, hint, cause: error });
}
