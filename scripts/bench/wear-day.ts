import { mkdirSync } from 'node:fs';
import { SystemDeviceClock } from '#agent/core/device-clock.ts';
import { Journal } from '#agent/core/journal/journal.ts';
import { LANES, type Lane } from '#contract/topics.ts';
import { HurriedClock } from './hurried-clock.ts';
import { silentLog } from './silent-log.ts';
import { WriteBack } from './write-back.ts';

export interface JournalDay {
  readonly hours: number;
  /** Seconds between two readings of a sensor that are worth keeping. */
  readonly everyS: number;
  readonly link: 'up' | 'down';
}

const ADDRESS = { site: 'demo', device: 'pillar-001' };
const SIZES = { maxBytes: 64 * 1024 * 1024, ballastBytes: 0, keepAlarmsDays: 30 };
const STEP_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LONGEST = 500;

/**
 * The journal alone through hours of samples, at once, with a ledger that confirms whatever it is sent. What it writes
 * is sent to the disk every minute of its own time: the kernel does so within 30 s, and what is written again after
 * that counts again.
 */
export class HurriedJournal {
  readonly #clock = new HurriedClock(Date.UTC(2026, 10, 20));
  readonly #dir: string;
  readonly #journal: Journal;
  readonly #writeBack: WriteBack;
  #reading = 0;

  constructor(dir: string) {
    this.#dir = dir;
    this.#writeBack = new WriteBack(dir);
    const source = { wallMs: () => this.#clock.wallMs(), isSynced: () => true };
    this.#journal = new Journal({
      ...{ dir, address: ADDRESS, log: silentLog, ...SIZES },
      clock: new SystemDeviceClock({ source, bootId: 'bench', clock: this.#clock }),
    });
  }

  start(): void {
    mkdirSync(this.#dir, { recursive: true });
    this.#journal.start();
    this.#journal.setLink('up');
    // Past what every journal writes once.
    this.run({ hours: 0.1, everyS: 60, link: 'up' });
  }

  close(): void {
    this.#journal.close();
  }

  run({ hours, everyS, link }: JournalDay): void {
    this.#journal.setLink(link);
    const steps = (hours * 3_600_000) / STEP_MS;
    for (let step = 1; step <= steps; step += 1) {
      this.#clock.pass(STEP_MS);
      if (step % everyS === 0) this.#read();
      if (link === 'up') this.#confirmAll();
      if ((step * STEP_MS) % MINUTE_MS === 0) this.#writeBack.run();
    }
    this.#journal.setLink('up');
    this.#settle();
  }

  /** An event that the ledger confirms, as of a sound test or a change of health. */
  event(): void {
    this.#journal.recordEvent('wp.health.changed.v1', { part: 'sound', state: 'ok' });
    this.#settle();
  }

  /** An alarm that the ledger confirms. */
  alarm(): void {
    this.#journal.recordAlarm('wp.path.tested.v1', { place: { label: 'here' }, cause: 'daily' });
    this.#settle();
  }

  /** The alarms that there are become too old to be kept, and are removed. */
  forgetAlarms(): void {
    this.#clock.moveDate((SIZES.keepAlarmsDays + 1) * DAY_MS);
    this.#clock.pass(MINUTE_MS);
    this.#writeBack.run();
  }

  #settle(): void {
    this.#clock.pass(STEP_MS);
    this.#confirmAll();
    this.#clock.pass(STEP_MS);
    this.#writeBack.run();
  }

  #read(): void {
    this.#reading += 1;
    const value = 20 + Math.sin(this.#reading);
    const time = new Date(this.#clock.wallMs()).toISOString();
    const mono = String(this.#clock.monoMs());
    this.#journal.recordSample({ sensor: 'cabinet-temperature', value, unit: 'Cel', time, mono });
  }

  #confirmAll(): void {
    for (const lane of LANES) this.#confirm(lane);
  }

  #confirm(lane: Lane): void {
    const last = this.#journal.after(lane, 0, LONGEST).at(-1);
    const epoch = this.#journal.lanes()[lane]?.epoch;
    if (last === undefined || epoch === undefined) return;
    const siteTime = new Date(this.#clock.wallMs()).toISOString();
    const receipt = { ledgerId: 'bench', epoch, lane, upTo: last.key, atId: last.id, siteTime };
    this.#journal.applyReceipt(receipt);
  }
}
