import type { Cancel } from '#contract/clock.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import {
  COMMAND_ARGS,
  COMMAND_NAMES,
  type Command,
  type CommandArgs,
  type CommandName,
  type CommandReply,
} from '#contract/messages.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { Link } from '../../ports/link.ts';
import type { Memory } from '../../ports/memory.ts';
import { BegunCommands } from './begun.ts';
import { expiryOf } from './expiry.ts';
import { inTime } from './in-time.ts';

/** What a command answers beside "done"; it rejects with a WatchpostError when it cannot be done. */
export type CommandResult = Record<string, unknown> | undefined;

/** One handler a command. The signal is aborted when the time of the command is over. */
export type CommandHandlers = {
  readonly [N in CommandName]: (
    args: CommandArgs<N>,
    context: CommandContext,
  ) => Promise<CommandResult> | CommandResult;
};

export interface CommandContext {
  readonly commandId: string;
  readonly signal: AbortSignal;
  /** Who gave it, where the site says so. */
  readonly by?: string | undefined;
}

export interface CommandDeskParts {
  readonly handlers: CommandHandlers;
  readonly memory: Memory;
  readonly link: Pick<Link, 'onCommand' | 'reply'>;
  readonly clock: DeviceClock;
  readonly log: Log;
  /** Longest that one command may take. */
  readonly limitMs?: number;
}

/** More at once are refused (WP2109): each may hold a camera or a speaker. */
const MOST_AT_ONCE = 8;
const LIMIT_MS = 30_000;
/** A slow card takes minutes for a large bundle, and its result matters. */
const LIMITS_MS: Partial<Record<CommandName, number>> = { install: 600_000 };

/**
 * Carries out what the site asks. A command is done at most once: that it was begun is remembered before it begins,
 * and its outcome before that is sent; a repeat gets the same reply, also after a restart.
 */
export class CommandDesk {
  readonly #parts: CommandDeskParts;
  readonly #running = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  readonly #begun: BegunCommands;
  #stop: Cancel | null = null;

  constructor(parts: CommandDeskParts) {
    this.#parts = parts;
    this.#begun = new BegunCommands(parts.memory);
  }

  /** What was begun before the restart is not begun again: it is answered as broken off. */
  start(): void {
    for (const command of this.#begun.recall()) {
      if (this.#parts.memory.replyTo(command.id) === null) {
        this.#conclude(command, new WatchpostError('WP2107'));
      } else this.#begun.delete(command.id);
    }
    this.#stop ??= this.#parts.link.onCommand((command) => this.#take(command));
  }

  /** Ends what is running: it is answered as broken off by the restart. */
  async close(): Promise<void> {
    this.#stop?.();
    this.#stop = null;
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort(new WatchpostError('WP2107'));
    await Promise.all(running.map(({ done }) => done));
  }

  /** Never throws and never waits: the link calls it. */
  #take(command: Command): void {
    const { id, name } = command;
    if (this.#running.has(id)) return;
    try {
      const known = this.#parts.memory.replyTo(id);
      if (known !== null) {
        this.#parts.link.reply(known);
        return;
      }
      this.#judge(command);
    } catch (cause) {
      this.#parts.log.error({ id, name, err: cause }, 'command.not-taken');
    }
  }

  #judge(command: Command): void {
    const { clock } = this.#parts;
    const expired = expiryOf(command, clock);
    if (expired !== null) {
      this.#conclude(command, new WatchpostError(expired));
      return;
    }
    if (this.#running.size >= MOST_AT_ONCE) {
      // Not remembered: the very same command may be sent again.
      this.#parts.link.reply(this.#replyTo(command, new WatchpostError('WP2109')));
      return;
    }
    try {
      const run = this.#prepare(command);
      this.#begun.add(command);
      const abort = new AbortController();
      this.#running.set(command.id, { abort, done: this.#run(command, run, abort) });
    } catch (cause) {
      this.#conclude(command, cause);
    }
  }

  /** Checks name and arguments; answers what is to be run. */
  #prepare({ id, name, args, by }: Command): (signal: AbortSignal) => Promise<CommandResult> | CommandResult {
    const { handlers } = this.#parts;
    const known = COMMAND_NAMES.find((candidate) => candidate === name);
    if (known === undefined) throw new WatchpostError('WP2103', { detail: name });
    switch (known) {
      case 'speak':
        return bind(handlers.speak, readArgs(known, args), id);
      case 'siren':
        return bind(handlers.siren, readArgs(known, args), id);
      case 'selftest':
        return bind(handlers.selftest, readArgs(known, args), id);
      case 'snapshot':
        return bind(handlers.snapshot, readArgs(known, args), id);
      case 'restart':
        return bind(handlers.restart, readArgs(known, args), id);
      case 'restart-vision':
        return bind(handlers['restart-vision'], readArgs(known, args), id);
      case 'test-alarm':
        return bind(handlers['test-alarm'], readArgs(known, args), id);
      case 'test-mode':
        return bind(handlers['test-mode'], readArgs(known, args), id);
      case 'sound-test':
        return bind(handlers['sound-test'], readArgs(known, args), id);
      case 'bypass':
        return bind(handlers.bypass, readArgs(known, args), id, by);
      case 'actuate':
        return bind(handlers.actuate, readArgs(known, args), id);
      case 'talk':
        return bind(handlers.talk, readArgs(known, args), id);
      case 'fetch-bundle':
        return bind(handlers['fetch-bundle'], readArgs(known, args), id);
      case 'install':
        return bind(handlers.install, readArgs(known, args), id);
      case 'rollback':
        return bind(handlers.rollback, readArgs(known, args), id);
      case 'renew-identity':
        return bind(handlers['renew-identity'], readArgs(known, args), id);
      case 'install-certificate':
        return bind(handlers['install-certificate'], readArgs(known, args), id);
    }
  }

  async #run(
    command: Command,
    work: (signal: AbortSignal) => Promise<CommandResult> | CommandResult,
    abort: AbortController,
  ): Promise<void> {
    const { clock, log } = this.#parts;
    const limitMs = this.#limitOf(command.name);
    log.info({ id: command.id, name: command.name }, 'command.begun');
    try {
      this.#conclude(command, await inTime(clock, limitMs, abort, work));
    } catch (cause) {
      this.#conclude(command, cause);
    } finally {
      this.#running.delete(command.id);
    }
  }

  #limitOf(name: string): number {
    const known = COMMAND_NAMES.find((candidate) => candidate === name);
    return (known && LIMITS_MS[known]) ?? this.#parts.limitMs ?? LIMIT_MS;
  }

  /** Remembers the outcome, then sends it. */
  #conclude(command: Pick<Command, 'id' | 'name'>, outcome: unknown): void {
    const reply = this.#replyTo(command, outcome);
    const { memory, link, log } = this.#parts;
    const { id, name, ok, code } = reply;
    if (ok) log.info({ id, name }, 'command.done');
    else log.warn({ id, name, code, err: outcome }, 'command.refused');
    try {
      memory.rememberReply(reply);
      link.reply(reply);
      this.#begun.delete(id);
    } catch (cause) {
      log.error({ id, name, err: cause }, 'command.reply-not-remembered');
    }
  }

  #replyTo({ id, name }: Pick<Command, 'id' | 'name'>, outcome: unknown): CommandReply {
    const head = { id, name, at: new Date(this.#parts.clock.wallMs()).toISOString() };
    if (!(outcome instanceof Error)) return { ...head, ok: true, ...resultOf(outcome) };
    const known = outcome instanceof WatchpostError && isErrorCode(outcome.code);
    const code = known ? outcome.code : 'WP2108';
    return { ...head, ok: false, code, message: outcome.message.slice(0, 400) };
  }
}

function bind<A>(
  handler: (args: A, context: CommandContext) => Promise<CommandResult> | CommandResult,
  args: A,
  commandId: string,
  by?: string,
): (signal: AbortSignal) => Promise<CommandResult> | CommandResult {
  return (signal) => handler(args, { commandId, signal, by });
}

function readArgs<N extends CommandName>(name: N, args: Record<string, unknown>): CommandArgs<N>;
function readArgs(name: CommandName, args: Record<string, unknown>): unknown {
  const parsed = COMMAND_ARGS[name].safeParse(args);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new WatchpostError('WP2104', {
    detail: `${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  });
}

function resultOf(outcome: unknown): { result?: Record<string, unknown> } {
  return typeof outcome === 'object' && outcome !== null ? { result: { ...outcome } } : {};
}
