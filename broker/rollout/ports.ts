import type { CommandReply } from '#contract/messages.ts';
import type { DeviceAddress } from '#contract/names.ts';

/** A command that was sent, and what became of it. */
export interface IssuedCommand {
  readonly id: string;
  /** Null while the device has not answered. */
  readonly reply: CommandReply | null;
}

/** Sends commands to devices that are connected (broker/api/command-desk.ts). */
export interface CommandIssuer {
  issue(
    address: DeviceAddress,
    body: { name: string; args: Record<string, unknown>; expiresInS: number },
    who: string,
  ): Promise<IssuedCommand>;
  get(address: DeviceAddress, id: string): IssuedCommand;
}
