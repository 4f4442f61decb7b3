import type { CommandReply } from '#contract/messages.ts';

/**
 * `now` (the default): on disk when the call returns. `later`: kept should this process die, but a power cut may take
 * it until the next synced write, for what may not hold up an alarm on its way.
 */
export type MemorySync = 'now' | 'later';

/** Small facts that outlive a restart of the agent, each synced to disk before the call returns unless asked otherwise. */
export interface Memory {
  /** The JSON value last set, or undefined. */
  get(key: string): unknown;
  set(key: string, value: unknown, sync?: MemorySync): void;
  /** The reply once given to this command id, or null when the command is new. */
  replyTo(commandId: string): CommandReply | null;
  rememberReply(reply: CommandReply): void;
}
