import { cpSync } from 'node:fs';
import t from 'tap';
import { seeded } from '#test/support/random.ts';
import { countedRows, type Device, removeDir, startDevice, tempDir } from './support/device.ts';
import type { FakeSession } from './support/fake-session.ts';
import { ModelLedger } from './support/model-ledger.ts';

const SEEDS = [1, 2, 3, 20_261_122];
const STEPS = 400;

/** A device, its ledger and everything that can happen to them, chosen by a seed. */
class Run {
  readonly #random: (below: number) => number;
  readonly #dirs: string[] = [];
  readonly presses: string[] = [];
  ledger = new ModelLedger();
  device: Device;
  #session: FakeSession | null = null;
  #backup: ModelLedger | null = null;
  #restores = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.device = startDevice({ dir: this.#folder() });
  }

  step(): void {
    const steps = [
      () => this.presses.push(this.device.press()),
      () => this.presses.push(this.device.press()),
      () => this.device.note(),
      () => this.#session?.confirmOne(),
      () => this.#session?.confirmOne(),
      () => this.#session?.receiptOne(),
      () => this.#session?.settle(),
      () => this.#connect(),
      () => this.#drop(),
      () => this.#crash(),
      () => this.#rare(),
    ];
    steps[this.#random(steps.length)]?.();
  }

  /** Everything is connected and comes to rest. */
  finish(): void {
    this.#connect();
    // A ledger that was restored says so with its first receipt of each lane.
    const { alarm, event } = this.device.journal.lanes();
    this.#session?.give(this.ledger.receipt(alarm?.epoch ?? '', 'alarm'));
    this.#session?.give(this.ledger.receipt(event?.epoch ?? '', 'event'));
    this.#session?.settle();
  }

  close(): void {
    this.device.close();
    for (const dir of this.#dirs) removeDir(dir);
  }

  #connect(): void {
    this.#drop();
    this.#session = this.device.connect(this.ledger);
  }

  #drop(): void {
    this.#session?.drop();
    this.#session = null;
  }

  /** The process dies: what was not committed is gone, the files are as they were. */
  #crash(): void {
    this.#drop();
    const dir = this.#folder();
    cpSync(this.device.dir, dir, { recursive: true });
    this.device.close();
    this.device = startDevice({ dir, manualClock: this.device.clock });
  }

  #rare(): void {
    if (this.#random(4) > 0) return;
    if (this.#random(2) === 0) this.#backup = this.ledger.backup();
    else if (this.#backup !== null) this.#restoreLedger(this.#backup);
  }

  #restoreLedger(backup: ModelLedger): void {
    this.#drop();
    this.#restores += 1;
    backup.ledgerId = `ledger-restored-${this.#restores}`;
    this.ledger = backup;
    this.#backup = null;
  }

  #folder(): string {
    const dir = tempDir();
    this.#dirs.push(dir);
    return dir;
  }
}

for (const seed of SEEDS) {
  t.test(`whatever happens, every press arrives once (seed ${seed})`, async (t) => {
    const run = new Run(seed);
    t.teardown(() => run.close());
    for (let n = 0; n < STEPS; n += 1) {
      run.step();
      const { alarm: _alarm, ...counted } = run.device.journal.queues();
      const rows = countedRows(run.device);
      if (rows.event !== counted.event || rows.telemetry !== counted.telemetry)
        t.same(counted, rows, `step ${n}`);
    }
    run.finish();
    t.match(
      run.device.journal.queues(),
      countedRows(run.device),
      'what waits was counted as it came and went',
    );
    const arrived = run.ledger.ofLane('alarm').map(({ id }) => id);
    t.same(arrived.slice().sort(), run.presses.slice().sort());
    t.equal(run.device.journal.queues().alarm, 0, 'nothing waits');
    t.equal(run.ledger.conflicts, 0, 'no number was used twice');
  });
}
