import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemDeviceClock } from '#agent/core/device-clock.ts';
import { Journal } from '#agent/core/journal/journal.ts';
import type { JournalOptions } from '#agent/core/journal/journal-options.ts';
import { Outbox } from '#agent/core/outbox/outbox.ts';
import type { Log } from '#contract/log.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { FakeSession } from './fake-session.ts';
import type { ModelLedger } from './model-ledger.ts';

export const ADDRESS = { site: 'demo', device: 'pillar-001' };
export const PLACE = { place: { label: 'East gate' }, input: 'button' };
export const PRESS = { ...PLACE, cause: 'edge', edges: 1 } as const;
export const RELEASE = { ...PLACE, cause: 'edge' } as const;

export interface LogLine {
  readonly event: string;
  readonly code?: string;
}

/** Keeps what was logged. */
export class KeptLog implements Log {
  readonly lines: LogLine[] = [];

  debug(): void {
    // Too much to keep.
  }
  info(fields: object, event: string): void {
    this.lines.push({ ...fields, event });
  }
  warn(fields: object, event: string): void {
    this.lines.push({ ...fields, event });
  }
  error(fields: object, event: string): void {
    this.lines.push({ ...fields, event });
  }
  child(): Log {
    return this;
  }

  codes(): string[] {
    return this.lines.flatMap(({ code }) => (code === undefined ? [] : [code]));
  }
}

export function tempDir(): string {
  return mkdtempSync(join(tmpdir(), 'watchpost-core-'));
}

export function deviceClock(clock: ManualClock, bootId = 'boot-1'): SystemDeviceClock {
  return new SystemDeviceClock({
    clock,
    bootId,
    source: { wallMs: () => clock.wallMs(), isSynced: () => true },
    builtAtMs: 0,
    sinceBootMs: () => clock.monoMs(),
  });
}

export interface Device {
  readonly dir: string;
  readonly clock: ManualClock;
  readonly log: KeptLog;
  readonly journal: Journal;
  readonly outbox: Outbox;
  /** Every stage told, as `stage id`. */
  readonly stages: string[];
  connect(ledger: ModelLedger): FakeSession;
  /** As at a power cut or kill: nothing is flushed. The files stay as they are for a copy. */
  close(): void;
  press(): string;
  note(): string;
}

export interface DeviceOptions extends Partial<JournalOptions> {
  readonly dir: string;
  readonly bootId?: string;
  readonly manualClock?: ManualClock;
  readonly window?: number;
}

/** A started journal with its outbox on a clock that stands still. */
export function startDevice(options: DeviceOptions): Device {
  const clock = options.manualClock ?? new ManualClock(Date.UTC(2026, 10, 20));
  const log = new KeptLog();
  const journal = new Journal({
    address: ADDRESS,
    maxBytes: 8 * 1024 * 1024,
    ballastBytes: 0,
    keepAlarmsDays: 30,
    ...options,
    clock: deviceClock(clock, options.bootId),
    log,
  });
  journal.start();
  const window = options.window ?? 20;
  const outbox = new Outbox({ address: ADDRESS, journal, clock, log, window, alarmSlots: 4 });
  const stages: string[] = [];
  outbox.delivery.onDelivery((id, stage) => stages.push(`${stage} ${id}`));
  outbox.start();
  return {
    dir: options.dir,
    clock,
    log,
    journal,
    outbox,
    stages,
    connect: (ledger) => {
      const session = new FakeSession(outbox, ledger);
      outbox.connected(session);
      return session;
    },
    close: () => {
      outbox.close();
      journal.close();
    },
    press: () => journal.recordAlarm('wp.panic.pressed.v1', PRESS).id,
    note: () => {
      const id = journal.recordEvent('wp.tamper.closed.v1', RELEASE);
      journal.flush();
      return id;
    },
  };
}

export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

/** What `queues()` says of events and telemetry, counted row by row. */
export function countedRows(device: Device): { event: number; telemetry: number } {
  device.journal.flush();
  const { events, eventSql } = device.journal.parts;
  const count = (table: string, above: number) =>
    Number(
      eventSql.prepare<[number], number>(`SELECT count(*) FROM ${table} WHERE seq > ?`).pluck().get(above),
    );
  return {
    event: count('eventRecords', events.event.book.receiptedTo),
    telemetry: count('telemetryRecords', 0),
  };
}
