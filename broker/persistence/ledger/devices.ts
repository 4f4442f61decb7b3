import type { Clock, WallMs } from '#contract/clock.ts';
import { Place } from '#contract/event-data.ts';
import { DeviceState } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress, sourceOf } from '#contract/names.ts';
import { lazy } from '../lazy.ts';
import type { GroupCommit } from '../ports.ts';

interface DeviceRow {
  readonly site: string;
  readonly device: string;
  readonly state: string | null;
  readonly boot: number | null;
  readonly conn: number | null;
  readonly alarm_epoch: string | null;
  readonly last_seen_at: string;
}

/** A device as the register knows it; whether it is connected now, presence knows. */
export interface KnownDevice extends DeviceAddress {
  /** `{site}.{device}` */
  readonly id: string;
  /** RFC 3339, by the site's clock. */
  readonly lastSeenAt: string;
  readonly place: Place | null;
  /** The newest `up/state`. */
  readonly state: DeviceState | null;
}

/** `connected`: the first state of a connection; `changed`: a later one; `stale`: older than what is known. */
export type StateVerdict = 'connected' | 'changed' | 'stale';

/** The devices that were ever heard of, with the newest `up/state` of each. */
export class DeviceRegister {
  readonly #store: GroupCommit;
  readonly #clock: Clock;
  readonly #get = lazy(() =>
    this.#store.sql.prepare<[string], DeviceRow>('SELECT * FROM device WHERE source = ?'),
  );
  readonly #touch = lazy(() =>
    this.#store.sql.prepare(
      `INSERT INTO device (source, site, device, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last_seen_at = max(last_seen_at, excluded.last_seen_at)`,
    ),
  );
  readonly #setState = lazy(() =>
    this.#store.sql.prepare(
      'UPDATE device SET state = ?, boot = ?, conn = ?, alarm_epoch = ? WHERE source = ?',
    ),
  );

  constructor(store: GroupCommit, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Inside a commit: something was heard of this device, now or at the time given. */
  touch(address: DeviceAddress, atMs: WallMs = this.#clock.wallMs()): void {
    const now = new Date(atMs).toISOString();
    this.#touch().run(sourceOf(address), address.site, address.device, now, now);
  }

  /**
   * Inside a commit. Refuses what is older than the known state: a last will that comes after the device is back.
   * Counters of boots and connections compare only within one journal: another alarm epoch is another life of the
   * device (a new card), whose counters may start again.
   */
  applyState(address: DeviceAddress, state: DeviceState): StateVerdict {
    const source = sourceOf(address);
    const known = this.#get().get(source);
    const epoch = state.lanes?.alarm?.epoch ?? known?.alarm_epoch ?? null;
    const order = known === undefined || epoch !== known.alarm_epoch ? 1 : compare(state, known);
    if (order < 0) return 'stale';
    const { last_seen_at } = known ?? { last_seen_at: new Date(this.#clock.wallMs()).toISOString() };
    this.#touch().run(source, address.site, address.device, last_seen_at, last_seen_at);
    this.#setState().run(JSON.stringify(state), state.boot, state.conn, epoch, source);
    return order > 0 ? 'connected' : 'changed';
  }

  get(address: DeviceAddress): KnownDevice | null {
    const row = this.#get().get(sourceOf(address));
    return row === undefined ? null : knownOf(row);
  }

  /** By name. */
  list(): KnownDevice[] {
    return this.#store.sql
      .prepare<[], DeviceRow>('SELECT * FROM device ORDER BY site, device')
      .all()
      .map(knownOf);
  }
}

function compare(state: DeviceState, { boot, conn }: DeviceRow): number {
  if (boot === null || conn === null) return 1;
  return state.boot === boot ? state.conn - conn : state.boot - boot;
}

function knownOf({ site, device, state, last_seen_at }: DeviceRow): KnownDevice {
  const known = state === null ? null : DeviceState.parse(JSON.parse(state));
  const place = Place.safeParse(known?.place);
  return {
    id: clientIdOf({ site, device }),
    site,
    device,
    lastSeenAt: last_seen_at,
    place: place.success ? place.data : null,
    state: known,
  };
}
