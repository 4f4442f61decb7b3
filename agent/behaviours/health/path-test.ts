import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { EventData, Place } from '#contract/event-data.ts';
import type { Log } from '#contract/log.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { DeliveryFeed, EventRecorder } from '../../ports/events.ts';
import type { Memory } from '../../ports/memory.ts';

export interface PathTestParts {
  readonly address: DeviceAddress;
  /** The profile's. Hours. */
  readonly everyH: number;
  readonly place: () => Place;
  /** Whether a call for help is open: nothing synthetic goes out beside it. */
  readonly isCalling: () => boolean;
  readonly recorder: EventRecorder;
  readonly delivery: DeliveryFeed;
  readonly memory: Memory;
  readonly clock: DeviceClock;
  readonly log: Log;
}

type Cause = EventData<'wp.path.tested.v1'>['cause'];

const MEMORY_KEY = 'path-test';
const LOOK_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
/** After a start the device first does what it is there for; then devices that start together spread over this. */
const SETTLE_MS = 120_000;
const START_SPREAD_MS = 600_000;

const Last = z.object({ wallMs: z.number(), isDated: z.boolean(), bootId: z.string(), bootMs: z.number() });
type Last = z.infer<typeof Last>;

/**
 * The periodic test of the alarm path (EN 50136-1, SIA DC-09): a synthetic alarm that goes all the way, journal →
 * PUBLISH → PUBACK → ledger → receipt. Each device has its own time of day, so that a site's devices do not come at
 * once; with an unset clock it counts its own hours. A test that the device slept through is made up for.
 */
export class PathTest {
  readonly #parts: PathTestParts;
  /** Where in the interval this device has its turn, from 0 to below 1. */
  readonly #share: number;
  #startedMs = 0;
  #stops: Cancel[] = [];
  #flying: { readonly id: string; readonly storedMs: number; sentMs: number | null } | null = null;

  constructor(parts: PathTestParts) {
    this.#parts = parts;
    const digest = createHash('sha256').update(clientIdOf(parts.address)).digest();
    this.#share = digest.readUInt32BE(0) / 2 ** 32;
  }

  start(): void {
    if (this.#stops.length > 0) return;
    const { clock, delivery } = this.#parts;
    this.#startedMs = clock.monoMs();
    this.#stops = [
      clock.every(LOOK_EVERY_MS, () => this.#look()),
      delivery.onDelivery((id, stage) => this.#delivered(id, stage)),
    ];
  }

  /** Idempotent. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** At once. Answers the event's id. Throws WP2110 while a call for help is open. */
  raise(cause: Cause, commandId?: string): string {
    const { recorder, place, isCalling, clock } = this.#parts;
    if (isCalling()) throw new WatchpostError('WP2110');
    const asked = commandId === undefined ? {} : { commandId };
    const { id } = recorder.recordAlarm('wp.path.tested.v1', { place: place(), cause, ...asked });
    this.#flying = { id, storedMs: clock.monoMs(), sentMs: null };
    return id;
  }

  /** Never throws: a timer calls it. */
  #look(): void {
    const { clock, log, isCalling, memory } = this.#parts;
    try {
      const last = this.#recall();
      if (this.#dueInMs(last) > 0 || isCalling()) return;
      const id = this.raise(last === null ? 'first' : 'daily');
      const { bootId } = clock;
      const isDated = clock.quality() !== 'unset';
      const raised: Last = { wallMs: clock.wallMs(), isDated, bootId, bootMs: clock.sinceBootMs() };
      memory.set(MEMORY_KEY, raised, 'later');
      log.info({ id }, 'path-test.raised');
    } catch (cause) {
      log.error({ err: cause }, 'path-test.not-raised');
    }
  }

  #dueInMs(last: Last | null): number {
    const { clock, everyH } = this.#parts;
    const settledInMs = this.#startedMs + SETTLE_MS + this.#share * START_SPREAD_MS - clock.monoMs();
    const everyMs = everyH * HOUR_MS;
    if (last === null) return settledInMs;
    if (last.bootId === clock.bootId && clock.sinceBootMs() - last.bootMs >= everyMs) return 0;
    if (clock.quality() !== 'unset' && last.isDated) {
      const dueMs = this.#slotAfter(last.wallMs, everyMs) - clock.wallMs();
      // A slot that lies further away than there are slots: the clock was set back since.
      if (dueMs <= everyMs) return Math.max(dueMs, settledInMs);
    }
    // The hours of another boot cannot be counted: rather one too many.
    return last.bootId === clock.bootId ? everyMs - (clock.sinceBootMs() - last.bootMs) : settledInMs;
  }

  #slotAfter(wallMs: number, everyMs: number): number {
    const offsetMs = this.#share * everyMs;
    return (Math.floor((wallMs - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
  }

  #recall(): Last | null {
    const parsed = Last.safeParse(this.#parts.memory.get(MEMORY_KEY));
    return parsed.success ? parsed.data : null;
  }

  #delivered(id: string, stage: 'sent' | 'received'): void {
    const flying = this.#flying;
    if (flying === null || flying.id !== id) return;
    const sinceMs = Math.round((this.#parts.clock.monoMs() - flying.storedMs) * 1000) / 1000;
    if (stage === 'sent') {
      flying.sentMs ??= sinceMs;
      return;
    }
    this.#flying = null;
    const sentMs = flying.sentMs ?? sinceMs;
    this.#parts.recorder.recordEvent('wp.path.measured.v1', { testId: id, sentMs, receivedMs: sinceMs });
  }
}
