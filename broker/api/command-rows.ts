import type { Database } from 'better-sqlite3';
import type { Command, CommandReply } from '#contract/messages.ts';
import type { DeviceAddress } from '#contract/names.ts';

/** A row of `command`. */
export interface CommandRow extends DeviceAddress {
  readonly id: string;
  readonly name: string;
  readonly args: string;
  readonly who: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly reply: string | null;
  readonly replied_at: string | null;
}

/** What `POST devices/{id}/commands` and `GET devices/{id}/commands/{id}` answer. */
export interface CommandItem {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly who: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  /** Null while the device has not answered. */
  readonly reply: CommandReply | null;
}

export function insertCommand(sql: Database, device: DeviceAddress, command: Command, who: string): void {
  sql
    .prepare(
      `INSERT INTO command (id, site, device, name, args, who, issued_at, expires_at)
       VALUES (@id, @site, @device, @name, @args, @who, @issuedAt, @expiresAt)`,
    )
    .run({
      site: device.site,
      device: device.device,
      id: command.id,
      name: command.name,
      args: JSON.stringify(command.args),
      who,
      issuedAt: command.issuedAt,
      expiresAt: command.expiresAt,
    });
}

export const readCommand = (
  sql: Database,
  { site, device }: DeviceAddress,
  id: string,
): CommandRow | undefined =>
  sql
    .prepare<[string, string, string], CommandRow>(
      'SELECT * FROM command WHERE site = ? AND device = ? AND id = ?',
    )
    .get(site, device, id);

export function recordReply(sql: Database, { id }: CommandRow, reply: CommandReply, at: string): void {
  sql.prepare('UPDATE command SET reply = ?, replied_at = ? WHERE id = ?').run(JSON.stringify(reply), at, id);
}

export const commandItem = (row: CommandRow): CommandItem => ({
  id: row.id,
  device: `${row.site}.${row.device}`,
  name: row.name,
  args: JSON.parse(row.args),
  who: row.who,
  issuedAt: row.issued_at,
  expiresAt: row.expires_at,
  reply: row.reply === null ? null : JSON.parse(row.reply),
});
