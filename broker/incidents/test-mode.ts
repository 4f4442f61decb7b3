import type { Database } from 'better-sqlite3';
import type { GroupCommit, TestJudge } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';

/** Test mode as a device has accepted it. */
export interface TestGrant extends DeviceAddress {
  readonly commandId: string;
  readonly inputs: readonly string[];
  /** The boot it ends with: of the machine, and of the agent on it. */
  readonly bootId: string;
  readonly boot: number;
  /** By the device's own clock, right or wrong: its events are dated by the same. */
  readonly deviceFromMs: number;
  readonly deviceUntilMs: number;
  /** By the site's clock. */
  readonly untilMs: number;
}

interface GrantRow extends DeviceAddress {
  readonly command_id: string;
  readonly inputs: string;
  readonly boot_id: string;
  readonly boot: number;
  readonly device_from_ms: number;
  readonly device_until_ms: number;
  readonly until_ms: number;
}

/** While its absence is rehearsed a device is missed after so much silence, in seconds. */
export const REHEARSED_S = 10;
/** What was pressed at the very end may still be on its way for so long. */
const LATE_MS = 60_000;

/**
 * Knows which inputs of which devices are being tested. In doubt an alarm is real: one that was raised before the
 * grant and comes late, one of another boot, one that comes when the grant is over, one of an input not named.
 */
export class TestModes {
  readonly #db: GroupCommit;
  readonly #clock: Clock;
  readonly #grants = new Map<string, TestGrant>();
  readonly #rehearsed = new Set<string>();

  constructor(db: GroupCommit, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  start(): void {
    const rows = this.#db.sql.prepare<[], GrantRow>('SELECT * FROM test_grant').all();
    for (const row of rows) this.#grants.set(clientIdOf(row), grantOf(row));
  }

  /** Inside a `commit`. Replaces an earlier grant of the device. */
  grant(sql: Database, grant: TestGrant): void {
    sql
      .prepare(
        `INSERT OR REPLACE INTO test_grant (site, device, command_id, inputs, boot_id, boot, device_from_ms,
           device_until_ms, until_ms)
         VALUES (@site, @device, @commandId, @inputs, @bootId, @boot, @deviceFromMs, @deviceUntilMs, @untilMs)`,
      )
      .run({ ...grant, inputs: JSON.stringify(grant.inputs) });
    this.#db.afterCommit(() => this.#grants.set(clientIdOf(grant), grant));
  }

  /** Inside a `commit`. */
  end(sql: Database, { site, device }: DeviceAddress): void {
    sql.prepare('DELETE FROM test_grant WHERE site = ? AND device = ?').run(site, device);
    // At once: should the COMMIT fail, an alarm taken for real is the lesser mistake.
    this.#grants.delete(clientIdOf({ site, device }));
  }

  of(address: DeviceAddress): TestGrant | null {
    return this.#grants.get(clientIdOf(address)) ?? null;
  }

  /** Whether the device has started anew since it accepted test mode. Its last will does not tell the boot of the machine. */
  isOutlived(
    address: DeviceAddress,
    { bootId, boot }: { bootId?: string | undefined; boot: number },
  ): boolean {
    const grant = this.of(address);
    if (grant === null) return false;
    return grant.boot !== boot || (bootId !== undefined && grant.bootId !== bootId);
  }

  /** What the site says of this device (that it is silent) is a test until the answer is called. */
  rehearse(address: DeviceAddress): () => void {
    const id = clientIdOf(address);
    this.#rehearsed.add(id);
    return () => void this.#rehearsed.delete(id);
  }

  readonly isRehearsed = (address: DeviceAddress): boolean => this.#rehearsed.has(clientIdOf(address));

  readonly judge: TestJudge = (address, envelope) => {
    const grant = this.of(address);
    if (grant === null || envelope.wpboot !== grant.bootId) return false;
    const input = envelope.data.input;
    if (typeof input !== 'string' || !grant.inputs.includes(input)) return false;
    const raisedMs = Date.parse(envelope.time);
    if (raisedMs < grant.deviceFromMs || raisedMs > grant.deviceUntilMs) return false;
    return this.#clock.wallMs() <= grant.untilMs + LATE_MS;
  };
}

const grantOf = (row: GrantRow): TestGrant => ({
  site: row.site,
  device: row.device,
  commandId: row.command_id,
  inputs: JSON.parse(row.inputs),
  bootId: row.boot_id,
  boot: row.boot,
  deviceFromMs: row.device_from_ms,
  deviceUntilMs: row.device_until_ms,
  untilMs: row.until_ms,
});
