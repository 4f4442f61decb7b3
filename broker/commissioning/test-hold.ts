import type { DeviceDirectory } from '#broker/incidents/ports.ts';
import type { TestModes } from '#broker/incidents/test-mode.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { DeviceAddress } from '#contract/names.ts';
import type { Orders } from './ports.ts';

export interface TestHoldParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly devices: DeviceDirectory;
  readonly testModes: TestModes;
  readonly orders: Orders;
}

/** Granted for so long, and again by a step that finds less than it may need: it ends by itself where nobody goes on. */
const GRANT_S = 900;
const NEEDED_MS = 600_000;
const ALARM_KINDS = ['button', 'tamper', 'duress'];

/** Test mode of a device while it is commissioned: all of its alarm inputs, no sooner and no longer than needed. */
export class TestHold {
  readonly #parts: TestHoldParts;

  constructor(parts: TestHoldParts) {
    this.#parts = parts;
  }

  /** Resolves with when it ends (RFC 3339). Rejects with WP4514 where the device refuses. */
  async ensure(address: DeviceAddress, who: string): Promise<string> {
    const { clock } = this.#parts;
    const endsMs = this.#endsMs(address);
    if (endsMs !== null && endsMs - clock.wallMs() > NEEDED_MS) return new Date(endsMs).toISOString();
    await this.#order(address, { forS: GRANT_S, who });
    const granted = this.#endsMs(address);
    if (granted === null) throw new WatchpostError('WP4514', { detail: 'test-mode' });
    return new Date(granted).toISOString();
  }

  /** From here on its alarms are real, also where the device cannot be told. */
  async end(address: DeviceAddress, who: string): Promise<void> {
    const { db, testModes } = this.#parts;
    if (this.#endsMs(address) === null) return;
    try {
      await this.#order(address, { forS: 0, who });
    } catch (error) {
      if (!(error instanceof WatchpostError)) throw error;
      await db.commit((sql) => testModes.end(sql, address));
    }
  }

  #endsMs(address: DeviceAddress): number | null {
    const { devices, testModes } = this.#parts;
    const grant = testModes.of(address);
    const state = devices.device(address)?.state;
    if (grant === null || state == null) return null;
    return testModes.isOutlived(address, state) ? null : grant.untilMs;
  }

  async #order(address: DeviceAddress, { forS, who }: { forS: number; who: string }): Promise<void> {
    const { devices, orders } = this.#parts;
    const kinds = Object.entries(devices.device(address)?.state?.parts?.inputs ?? {});
    const inputs = kinds.filter(([, kind]) => ALARM_KINDS.includes(kind)).map(([name]) => name);
    const body = { name: 'test-mode', args: { inputs, forS }, expiresInS: 30 };
    const { reply } = await orders.issue(address, body, who);
    if (reply?.ok === true) return;
    throw new WatchpostError('WP4514', { detail: `test-mode: ${reply?.code ?? 'no answer'}` });
  }
}
