import type { DeviceDirectory, KnownDevice } from '#broker/incidents/ports.ts';
import type { Enrolments } from '#broker/persistence/ledger/enrolments.ts';
import type { GroupCommit } from '#broker/persistence/ports.ts';
import { type Drift, type FleetItem, RunningBundle } from '#contract/fleet.ts';
import type { EnrolmentItem } from '#contract/http.ts';
import type { DeviceState } from '#contract/messages.ts';
import { addressOfClientId, clientIdOf } from '#contract/names.ts';
import { isGood, isUnderWay } from './judge-stage.ts';
import { type Member, newestMember } from './rollout-rows.ts';

export interface FleetViewParts {
  readonly db: GroupCommit;
  readonly devices: DeviceDirectory;
  readonly enrolments: Enrolments;
}

/** What every device was given, and what it runs. */
export class FleetView {
  readonly #parts: FleetViewParts;

  constructor(parts: FleetViewParts) {
    this.#parts = parts;
  }

  /** By name; those that were given an identity and never heard of as well. */
  list(): readonly FleetItem[] {
    const { devices, enrolments } = this.#parts;
    const known = new Map(devices.devices().map((device) => [clientIdOf(device), device]));
    const enrolled = new Map(enrolments.list().map((item) => [item.id, item]));
    return [...new Set([...known.keys(), ...enrolled.keys()])]
      .sort()
      .map((id) => this.#item(id, known.get(id), enrolled.get(id)));
  }

  #item(id: string, device: KnownDevice | undefined, enrolled: EnrolmentItem | undefined): FleetItem {
    const address = addressOfClientId(id);
    const member = address === null ? null : newestMember(this.#parts.db.sql, address);
    const running = RunningBundle.safeParse(device?.state?.bundle).data ?? null;
    return {
      id,
      online: device?.online === true,
      lastSeenAt: device?.lastSeenAt ?? null,
      place: device?.place?.label ?? enrolled?.place.label ?? null,
      agent: device?.state?.versions?.agent ?? null,
      running,
      wanted: member === null ? null : wantedOf(member),
      drift: driftOf(running, member),
      certificateEndsAt: endOf(device?.state ?? null) ?? enrolled?.expiresAt ?? null,
    };
  }
}

function wantedOf({ generation, digest, sha256, rollout, state, code }: Member): FleetItem['wanted'] {
  return { generation, digest, sha256, rollout, state, code };
}

/** What a device says of itself comes before what the site remembers of giving it. */
export function driftOf(
  running: RunningBundle | null,
  wanted: Pick<Member, 'digest' | 'generation' | 'state'> | null,
): Drift {
  if (wanted === null) return running === null ? 'unsaid' : 'unmanaged';
  if (running?.state === 'trial') return 'on-trial';
  if (running?.digest === wanted.digest) return 'as-wanted';
  if (wanted.state === 'rejected') return 'rejected';
  if (wanted.state === 'waiting' || isUnderWay(wanted.state)) return 'on-its-way';
  if (running === null) return isGood(wanted.state) ? 'unsaid' : 'behind';
  if (running.generation === wanted.generation) return 'other';
  return running.generation < wanted.generation ? 'behind' : 'ahead';
}

function endOf(state: DeviceState | null): string | null {
  const said: unknown = state?.certificate;
  if (typeof said !== 'object' || said === null || !('expiresAt' in said)) return null;
  return typeof said.expiresAt === 'string' ? said.expiresAt : null;
}
