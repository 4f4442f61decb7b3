import type { CommandReply } from '#contract/messages.ts';

/** Small facts that outlive a restart of the agent, each synced to disk before the call returns. */
export interface Memory {
  /** The JSON value last set, or undefined. */
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /** The reply once given to this command id, or null when the command is new. */
  replyTo(commandId: string): CommandReply | null;
  rememberReply(reply: CommandReply): void;
}
