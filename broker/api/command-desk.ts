import type { Database } from 'better-sqlite3';
import { SITE } from '#broker/incidents/incident-desk.ts';
import type { DeviceDirectory, KnownDevice } from '#broker/incidents/ports.ts';
import type { TestModes } from '#broker/incidents/test-mode.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { DeviceMessenger, GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { CommandBody } from '#contract/http.ts';
import type { Log } from '#contract/log.ts';
import { COMMAND_ARGS, COMMAND_NAMES, type Command, type CommandReply } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import { downTopic } from '#contract/topics.ts';
import { uuidv7 } from '#contract/uuid.ts';
import {
  type CommandItem,
  type CommandRow,
  commandItem,
  insertCommand,
  readCommand,
  recordReply,
} from './command-rows.ts';
import { guessUptimeMs } from './device-uptime.ts';
import { issuesOf } from './problem.ts';

export interface CommandDeskOptions {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditLog;
  readonly devices: DeviceDirectory;
  readonly messenger: DeviceMessenger;
  readonly testModes: TestModes;
}

/** How long a request waits for the device's answer before it is told to look later. */
export const REPLY_WAIT_MS = 4_000;

/** Sends commands to devices that are connected now, and keeps what became of them. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #waiting = new Map<string, () => void>();

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the device's reply in the item, or without one after a few seconds.
   * Rejects with WP3404 (no such device), WP3406 (no such command), WP3405 (not connected), WP3410 (test mode).
   */
  async issue(address: DeviceAddress, body: CommandBody, who: string): Promise<CommandItem> {
    const device = this.#sendable(address, body);
    const command = this.#commandOf(device, body, who);
    await this.#options.db.commit((sql) => {
      insertCommand(sql, device, command, who);
      this.#audit(sql, who, 'command.issued', device, { id: command.id, name: body.name, args: body.args });
    });
    const answered = this.#answered(command.id);
    await this.#publish(device, command);
    await answered;
    return this.get(device, command.id);
  }

  /** Rejects with WP3409 when this device was never sent such a command. */
  get(address: DeviceAddress, id: string): CommandItem {
    const row = readCommand(this.#options.db.sql, address, id);
    if (row === undefined) throw new WatchpostError('WP3409', { detail: id });
    return commandItem(row);
  }

  /**
   * `up/reply`, inside the transaction of the message that brought it, so that the device's PUBACK means that its
   * answer is kept. The first counts, a repeat changes nothing. Answers whether it belongs to a command that this
   * device was sent.
   */
  replied(address: DeviceAddress, reply: CommandReply): boolean {
    const { db, log, clock } = this.#options;
    const row = readCommand(db.sql, address, reply.id);
    if (row === undefined) {
      log.warn({ device: clientIdOf(address), id: reply.id }, 'command.unknown-reply');
      return false;
    }
    if (row.reply === null) {
      recordReply(db.sql, row, reply, new Date(clock.wallMs()).toISOString());
      const { id, name, ok, code = null } = reply;
      this.#audit(db.sql, clientIdOf(address), 'command.replied', address, { id, name, ok, code });
      if (row.name === 'test-mode' && reply.ok) this.#testMode(db.sql, row, reply);
    }
    db.afterCommit(() => this.#waiting.get(reply.id)?.());
    return true;
  }

  /** Ends test mode when the device has started anew. */
  async deviceChanged(address: DeviceAddress): Promise<void> {
    const { devices, testModes, db } = this.#options;
    const state = devices.device(address)?.state;
    if (state === null || state === undefined || !testModes.isOutlived(address, state)) return;
    await db.commit((sql) => {
      testModes.end(sql, address);
      this.#audit(sql, SITE, 'test-mode.ended', address, { reason: 'the device has started anew' });
    });
  }

  #sendable(address: DeviceAddress, { name, args }: CommandBody): KnownDevice {
    const device = this.#options.devices.device(address);
    if (device === null) throw new WatchpostError('WP3404', { detail: clientIdOf(address) });
    const known = COMMAND_NAMES.find((command) => command === name);
    if (known === undefined) throw new WatchpostError('WP3406', { detail: name });
    const judged = COMMAND_ARGS[known].safeParse(args);
    if (!judged.success) {
      throw new WatchpostError('WP3406', { detail: `${name}: args.${issuesOf(judged.error)}` });
    }
    if (!this.#options.messenger.isConnected(address)) {
      throw new WatchpostError('WP3405', { detail: clientIdOf(address) });
    }
    if (known === 'test-mode' && device.state?.bootId === undefined) {
      throw new WatchpostError('WP3410', { detail: clientIdOf(address) });
    }
    return device;
  }

  #commandOf(
    { state, ...device }: KnownDevice,
    { name, args, expiresInS }: CommandBody,
    by: string,
  ): Command {
    const { clock, db } = this.#options;
    const nowMs = clock.wallMs();
    const bootId = state?.bootId;
    const uptimeMs = bootId === undefined ? null : guessUptimeMs(db, device, { bootId, nowMs });
    return {
      id: uuidv7(clock),
      name,
      args,
      issuedAt: new Date(nowMs).toISOString(),
      expiresAt: new Date(nowMs + expiresInS * 1000).toISOString(),
      by: by.slice(0, 128),
      ...(bootId === undefined || uptimeMs === null
        ? {}
        : { boot: bootId, notAfterMono: uptimeMs + expiresInS * 1000 }),
    };
  }

  async #publish(device: DeviceAddress, command: Command): Promise<void> {
    try {
      await this.#options.messenger.publish(downTopic(device, 'command'), command);
    } catch (error) {
      this.#waiting.get(command.id)?.();
      throw error;
    }
  }

  /** Resolves when the reply is on disk, or when it has been waited for long enough. */
  #answered(id: string): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(REPLY_WAIT_MS, () => end());
      const end = () => {
        cancel();
        this.#waiting.delete(id);
        resolve();
      };
      this.#waiting.set(id, end);
    });
  }

  /** The grant begins with the device's agreement: a device that never heard of it is not being tested. */
  #testMode(sql: Database, row: CommandRow, reply: CommandReply): void {
    const { devices, testModes, clock } = this.#options;
    const { inputs, forS } = COMMAND_ARGS['test-mode'].parse(JSON.parse(row.args));
    const state = devices.device(row)?.state;
    const deviceFromMs = Date.parse(reply.at);
    if (forS === 0 || state?.bootId === undefined || Number.isNaN(deviceFromMs)) {
      testModes.end(sql, row);
      this.#audit(sql, row.who, 'test-mode.ended', row, { command: row.id });
      return;
    }
    testModes.grant(sql, {
      site: row.site,
      device: row.device,
      commandId: row.id,
      inputs,
      bootId: state.bootId,
      boot: state.boot,
      deviceFromMs,
      deviceUntilMs: deviceFromMs + forS * 1000,
      untilMs: Math.floor(clock.wallMs()) + forS * 1000,
    });
    this.#audit(sql, row.who, 'test-mode.granted', row, { command: row.id, inputs, forS });
  }

  #audit(
    sql: Database,
    who: string,
    action: string,
    address: DeviceAddress,
    detail: Record<string, unknown>,
  ): void {
    this.#options.audit.append(sql, { who, action, subject: clientIdOf(address), detail });
  }
}
