import {
  addressOfClientId,
  addressOfVdaClientId,
  clientIdOf,
  type DeviceAddress,
  NAME_PATTERN,
} from '#contract/names.ts';
import type { Person } from './roles.ts';

/**
 * Who a connection is (docs/identity.md). `vehicle` is a robot's second connection, for VDA 5050; a service without
 * a name is a tool on loopback whose client id follows none of the forms; `nobody` may nothing; `open` is anybody in
 * the mode for conformance tools.
 */
export type Identity =
  | { readonly kind: 'device'; readonly address: DeviceAddress }
  | { readonly kind: 'vehicle'; readonly address: DeviceAddress }
  | { readonly kind: 'service'; readonly name: string | null }
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'open' };

export const NOBODY: Identity = { kind: 'nobody' };

/** Knows a person of the site by name; null where there is none (any more). */
export type FindPerson = (name: string) => Person | null;

const SERVICE_PREFIX = 'svc.';
const PERSON_PREFIX = 'user.';

/** Plain MQTT on loopback: the client id is believed, except that nobody is a person without having signed in. */
export function identityOf(clientId: string): Identity {
  return robotOf(clientId) ?? { kind: 'service', name: serviceName(clientId) };
}

/** Whose session this is, of somebody who was let in before: what was granted may have ended since. */
export function identityOfSession(clientId: string, findPerson: FindPerson): Identity {
  if (!clientId.startsWith(PERSON_PREFIX)) return identityOf(clientId);
  const person = findPerson(personName(clientId) ?? '');
  return person === null ? NOBODY : { kind: 'person', person };
}

/** What the CN of a certificate says, or null when it is none of the names that the site knows. */
export type CertifiedName =
  | { readonly kind: 'device'; readonly address: DeviceAddress }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'person'; readonly name: string };

export function readCommonName(commonName: string): CertifiedName | null {
  const service = serviceName(commonName);
  if (service !== null) return { kind: 'service', name: service };
  if (isReserved(commonName)) {
    const name = personName(commonName);
    return name === null || commonName !== `${PERSON_PREFIX}${name}` ? null : { kind: 'person', name };
  }
  const address = addressOfClientId(commonName);
  return address === null ? null : { kind: 'device', address };
}

/** A certificate speaks for the client id that is its CN, and a device's for the robot's second connection too. */
export function speaksFor(certified: CertifiedName, clientId: string): boolean {
  if (certified.kind === 'service') return clientId === `${SERVICE_PREFIX}${certified.name}`;
  if (certified.kind === 'person') return clientId === `${PERSON_PREFIX}${certified.name}`;
  const robot = robotOf(clientId);
  return robot !== null && clientIdOf(robot.address) === clientIdOf(certified.address);
}

/**
 * The address under which events about this client stand in the ledger: the device's, or for `svc.x` and `user.x`
 * one that names the same. Null for a client id that follows none of the forms.
 */
export function addressOfClient(clientId: string): DeviceAddress | null {
  const [, kind, name] = /^(svc|user)\.([a-z0-9-]{1,32})(?:\.|$)/.exec(clientId) ?? [];
  if (kind !== undefined && name !== undefined) return { site: kind, device: name };
  return robotOf(clientId)?.address ?? null;
}

type Robot = Extract<Identity, { kind: 'device' | 'vehicle' }>;

function robotOf(clientId: string): Robot | null {
  if (isReserved(clientId)) return null;
  const address = addressOfClientId(clientId);
  if (address !== null) return { kind: 'device', address };
  const vehicle = addressOfVdaClientId(clientId);
  return vehicle === null ? null : { kind: 'vehicle', address: vehicle };
}

/** First halves of client ids that are not sites. */
const isReserved = (clientId: string): boolean =>
  clientId.startsWith(SERVICE_PREFIX) || clientId.startsWith(PERSON_PREFIX);

function serviceName(clientId: string): string | null {
  const name = clientId.startsWith(SERVICE_PREFIX) ? clientId.slice(SERVICE_PREFIX.length) : '';
  return NAME_PATTERN.test(name) ? name : null;
}

/** `user.{name}`, and `user.{name}.{suffix}` where one person has several consoles. */
function personName(clientId: string): string | null {
  const [, name] = /^user\.([^.]{1,60})(?:\..*)?$/s.exec(clientId) ?? [];
  return name ?? null;
}
