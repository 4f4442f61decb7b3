import { copyFileSync, cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Lane } from '#contract/topics.ts';
import { seeded } from '#test/support/random.ts';
import { type Device, removeDir, startDevice, tempDir } from './support/device.ts';
import type { FakeSession } from './support/fake-session.ts';
import { ModelLedger } from './support/model-ledger.ts';

const SEEDS = [1, 2, 3, 4, 20_261_122];
const STEPS = 250;
const BATCH_MS = 5_000;
const OVER_AN_HOUR_MS = 3_700_000;
const EVENT_FILES = ['events.db', 'events.db-wal'];

/** What may befall a device whose receipts are not written down at once; `harsh` with ledgers and cards from backups. */
type Weather = 'rough' | 'harsh';

class Run {
  readonly #random: (below: number) => number;
  readonly #dirs: string[] = [];
  readonly #weather: Weather;
  readonly presses: string[] = [];
  ledger = new ModelLedger();
  device: Device;
  mismatches = 0;
  #session: FakeSession | null = null;
  #backup: ModelLedger | null = null;
  /** The card as it was some time ago, with the presses made until then. */
  #card: string | null = null;
  #boots = 1;
  #restores = 0;
  /** The files of events as a power cut leaves them at worst: as of the last promise of numbers, which is synced. */
  #synced: { readonly dir: string; readonly promises: string };

  constructor(seed: number, weather: Weather) {
    this.#random = seeded(seed);
    this.#weather = weather;
    this.device = startDevice({ dir: this.#folder() });
    this.#synced = { dir: this.#folder(), promises: '' };
    this.#noteSync();
  }

  async step(): Promise<void> {
    const steps = [
      () => this.#samples(1 + this.#random(4)),
      () => this.#samples(1 + this.#random(40)),
      () => this.presses.push(this.device.press()),
      () => this.device.note(),
      () => this.#session?.confirmOne(),
      () => this.#session?.receiptOne(),
      () => this.#session?.settle(),
      () => this.#session?.settle(),
      () => this.#connect(),
      () => this.#drop(),
      () => this.#random(4) === 0 && this.device.clock.advance(OVER_AN_HOUR_MS),
      () => this.#random(2) === 0 && this.#crash('killed'),
      () => this.#random(4) === 0 && this.#crash('powerless'),
      () => this.#weather === 'harsh' && this.#random(4) === 0 && this.#rare(),
    ];
    await steps[this.#random(steps.length)]?.();
    this.#noteSync();
  }

  /** Everything is connected and comes to rest. */
  async finish(): Promise<void> {
    this.#connect();
    const lanes = this.device.journal.lanes();
    for (const lane of ['alarm', 'event', 'telemetry'] as const)
      this.#session?.give(this.ledger.receipt(lanes[lane]?.epoch ?? '', lane));
    for (let n = 0; n < 3; n += 1) {
      this.device.journal.recordSample({ sensor: 'heat', value: n, unit: 'C', time: '', mono: '0' });
      // What was declared lately is declared again only after half a minute.
      await this.device.clock.advance(60_000);
      this.#session?.settle();
      this.device.journal.flush();
    }
  }

  /** Numbers below the next one that the site neither has nor was told of. */
  owed(lane: Lane): number {
    const { events } = this.device.journal.parts;
    if (lane === 'alarm') return 0;
    const { epoch, next } = events.table(lane).book;
    return next - 1 - this.ledger.receipt(epoch, lane).upTo;
  }

  close(): void {
    this.device.close();
    for (const dir of this.#dirs) removeDir(dir);
  }

  async #samples(envelopes: number): Promise<void> {
    for (let n = 0; n < envelopes; n += 1) {
      this.device.journal.recordSample({ sensor: 'heat', value: n, unit: 'C', time: '', mono: '0' });
      await this.device.clock.advance(BATCH_MS);
      this.#noteSync();
      if (this.#random(2) === 0) this.#session?.settle();
    }
  }

  #connect(): void {
    this.#drop();
    this.#session = this.device.connect(this.ledger);
  }

  #drop(): void {
    this.#session?.drop();
    this.#session = null;
  }

  #noteSync(): void {
    const { event, telemetry } = this.device.journal.parts.events;
    const promises = JSON.stringify(
      [event.book, telemetry.book].map(({ epoch, reserved }) => [epoch, reserved]),
    );
    if (promises === this.#synced.promises) return;
    this.device.journal.flush();
    const { dir } = this.#synced;
    this.#synced = { dir, promises };
    copyEvents(this.device.dir, dir);
  }

  /** Killed: what was not committed is gone. Powerless: so is every commit of events since the last sync. */
  #crash(how: 'killed' | 'powerless'): void {
    const dir = this.#folder();
    cpSync(this.device.dir, dir, { recursive: true });
    if (how === 'powerless') copyEvents(this.#synced.dir, dir);
    this.#goOnFrom(dir, how === 'killed' ? 0 : 1);
  }

  #goOnFrom(dir: string, boots: 0 | 1): void {
    this.#drop();
    this.mismatches += this.device.journal.counters().mismatches;
    this.device.close();
    this.#boots += boots;
    this.device = startDevice({ dir, manualClock: this.device.clock, bootId: `boot-${this.#boots}` });
  }

  #rare(): void {
    const rare = [
      () => {
        this.#backup = this.ledger.backup();
      },
      () => this.#restoreLedger(),
      () => {
        this.#card = this.#folder();
        cpSync(this.device.dir, this.#card, { recursive: true });
      },
      () => this.#restoreCard(),
    ];
    rare[this.#random(rare.length)]?.();
  }

  #restoreLedger(): void {
    if (this.#backup === null) return;
    this.#drop();
    this.#restores += 1;
    this.ledger = this.#backup;
    this.ledger.ledgerId = `ledger-restored-${this.#restores}`;
    this.#backup = null;
  }

  /** Whoever restores a card loses what was pressed since and had not arrived: those are not asked for. */
  #restoreCard(): void {
    if (this.#card === null) return;
    const arrived = new Set(this.ledger.ofLane('alarm').map(({ id }) => id));
    const card = this.#card;
    this.#card = null;
    this.#backup = null;
    this.#goOnFrom(card, 1);
    const waiting = new Set(this.device.journal.after('alarm', 0, 10_000).map(({ id }) => id));
    this.presses.splice(
      0,
      this.presses.length,
      ...this.presses.filter((id) => arrived.has(id) || waiting.has(id)),
    );
  }

  #folder(): string {
    const dir = tempDir();
    this.#dirs.push(dir);
    return dir;
  }
}

function copyEvents(from: string, to: string): void {
  for (const name of EVENT_FILES) {
    rmSync(join(to, name), { force: true });
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
  }
}

for (const weather of ['rough', 'harsh'] as const) {
  for (const seed of SEEDS) {
    t.test(`put-off receipts cost neither a number nor a press (${weather}, seed ${seed})`, async (t) => {
      const run = new Run(seed, weather);
      t.teardown(() => run.close());
      for (let n = 0; n < STEPS; n += 1) await run.step();
      await run.finish();
      const arrived = run.ledger.ofLane('alarm').map(({ id }) => id);
      t.same(
        run.presses.filter((id) => !arrived.includes(id)),
        [],
        'every press arrived',
      );
      t.equal(new Set(arrived).size, arrived.length, 'once');
      t.same(run.device.journal.queues(), { alarm: 0, event: 0, telemetry: 0 }, 'nothing waits');
      t.equal(run.owed('event'), 0, 'no event is owed for ever');
      t.equal(run.owed('telemetry'), 0, 'no sample is owed for ever');
      if (weather === 'harsh') return;
      t.equal(run.ledger.conflicts, 0, 'no number was used twice');
      t.equal(run.mismatches + run.device.journal.counters().mismatches, 0, 'both sides agree all along');
    });
  }
}
