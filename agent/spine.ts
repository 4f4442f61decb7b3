import { systemClock } from '#contract/clock.ts';
import type { Log } from '#contract/log.ts';
import { BUILT_AT_MS, machineBootId, machineClockSource, SystemDeviceClock } from './core/device-clock.ts';
import { Journal } from './core/journal/journal.ts';
import { BlobQueue } from './core/outbox/blob-queue.ts';
import { Outbox } from './core/outbox/outbox.ts';
import { SimClockSource } from './drivers/sim/clock-source.ts';
import { SimTransport } from './drivers/sim/transport.ts';
import type { SimWorld } from './drivers/sim/world.ts';
import type { DeviceKeys } from './link/identity/device-keys.ts';
import { MqttLink } from './link/mqtt-link.ts';
import { certifiedSinceMs, TcpTransport } from './link/transport.ts';
import type { Failpoint } from './ports/failpoint.ts';
import type { StateProvider } from './ports/link.ts';
import type { Memory } from './ports/memory.ts';
import type { DeviceProfile } from './ports/profile.ts';
import { makeKeys } from './renewal-wiring.ts';
import type { AgentSettings } from './settings.ts';

export interface SpineParts {
  readonly settings: AgentSettings;
  readonly profile: DeviceProfile;
  readonly log: Log;
  readonly failpoint?: Failpoint;
  readonly world: SimWorld | null;
  readonly state: StateProvider;
}

/** What every behaviour stands on: time, what was said, and the way to the site. */
export interface Spine {
  readonly clock: SystemDeviceClock;
  readonly journal: Journal;
  /** The journal's, for parts that are made before the journal is open. */
  readonly memory: Memory;
  readonly blobs: BlobQueue;
  readonly outbox: Outbox;
  readonly transport: SimTransport | TcpTransport;
  readonly link: MqttLink;
  /** Null with plain mqtt://. */
  readonly keys: DeviceKeys | null;
}

export function makeSpine({ settings, profile, log, failpoint, world, state }: SpineParts): Spine {
  const watched = failpoint === undefined ? {} : { failpoint };
  const { address, dataDir } = settings;
  const clock = makeClock(world);
  const journal = new Journal({ dir: dataDir, address, clock, log, ...profile.journal, ...watched });
  const memory = lazyMemory(journal);
  const blobs = new BlobQueue({ journal, clock, log });
  const { window, alarmSlots, keepaliveS, backoffMaxS } = profile.link;
  const outbox = new Outbox({ address, journal, clock, log, window, alarmSlots, blobs, ...watched });
  const pastMs = () => Math.max(journal.lastSiteTimeMs(), BUILT_AT_MS);
  const keys = makeKeys({ settings, pastMs, log, ...watched });
  const transport = makeTransport({ keys, clock, journal, world });
  const way = { address, urls: settings.brokers, transport, keepaliveS, backoffMaxS };
  const link = new MqttLink({ ...way, traffic: outbox, state, memory, clock, log, ...watched });
  return { clock, journal, memory, blobs, outbox, transport, link, keys };
}

function makeClock(world: SimWorld | null): SystemDeviceClock {
  const source = world === null ? machineClockSource : new SimClockSource({ world, clock: systemClock });
  return new SystemDeviceClock({ source, bootId: machineBootId(), clock: systemClock });
}

interface TransportParts {
  readonly keys: DeviceKeys | null;
  readonly clock: SystemDeviceClock;
  readonly journal: Journal;
  readonly world: SimWorld | null;
}

function makeTransport({ keys, clock, journal, world }: TransportParts): SimTransport | TcpTransport {
  const pastMs = () =>
    Math.max(
      journal.lastSiteTimeMs(),
      certifiedSinceMs(() => keys?.read() ?? null),
    );
  const next = () => keys?.next() ?? null;
  const tcp = new TcpTransport(next, () => clock.certificateTimeMs(pastMs()));
  return world === null ? tcp : new SimTransport({ world, inner: tcp });
}

function lazyMemory(journal: Journal): Memory {
  return {
    get: (key) => journal.memory.get(key),
    set: (key, value, sync) => journal.memory.set(key, value, sync),
    replyTo: (commandId) => journal.memory.replyTo(commandId),
    rememberReply: (reply) => journal.memory.rememberReply(reply),
  };
}
