import type { ConnectPacket } from 'aedes';
import {
  addressOfClient,
  type FindPerson,
  type Identity,
  identityOf,
  identityOfSession,
  readCommonName,
  speaksFor,
} from '#broker/auth/identity.ts';
import type { Person } from '#broker/auth/roles.ts';
import type { TopicAccess } from '#broker/auth/topic-access.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { DeviceAddress } from '#contract/names.ts';
import type { Arrival } from './arrival.ts';

export interface IdentificationParts {
  /** `open` believes everybody and lets each client use every topic but `$SYS` (for conformance tools). */
  readonly access: 'guarded' | 'open';
  readonly topics: TopicAccess;
  readonly findPerson: FindPerson;
  /** Somebody with a certificate of the site says to be somebody else. */
  readonly onMisuse: (misuse: Misuse) => void;
}

export interface Misuse {
  /** Whose certificate it is. */
  readonly owner: DeviceAddress;
  readonly error: WatchpostError;
  /** IP address of the other side. */
  readonly address: string;
}

/** Who is at the other end of a connection, by how it came in and what its CONNECT says. */
export class Identification {
  readonly #parts: IdentificationParts;

  constructor(parts: IdentificationParts) {
    this.#parts = parts;
  }

  /** Answers why this CONNECT is refused, where it is: WP3300, WP3321, WP3350, WP3366, or WP1010 or WP1011 for its last will. */
  identify(arrival: Arrival | undefined, packet: ConnectPacket): Identity | WatchpostError {
    const identity = this.#identityOf(arrival, packet.clientId);
    if (identity instanceof WatchpostError) return identity;
    const { will } = packet;
    if (will === undefined || will === null) return identity;
    const { topic, retain = false } = will;
    const code = this.#parts.topics.refusePublish(identity, { topic, retain });
    return code === null ? identity : new WatchpostError(code, { detail: `last will on ${topic}` });
  }

  /** Whose session this is, of somebody who is not here. */
  ofSession(clientId: string): Identity {
    return this.#isOpen ? { kind: 'open' } : identityOfSession(clientId, this.#parts.findPerson);
  }

  get #isOpen(): boolean {
    return this.#parts.access === 'open';
  }

  #identityOf(arrival: Arrival | undefined, clientId: string): Identity | WatchpostError {
    switch (arrival?.credentials.kind) {
      case 'plain':
        return this.#isOpen ? { kind: 'open' } : identityOf(clientId);
      case 'tls':
        return this.#certified(arrival.credentials.name, arrival.address, clientId);
      case 'person':
        return personAs(arrival.credentials.person, clientId);
      default:
        return new WatchpostError('WP3300', { detail: clientId });
    }
  }

  #certified(name: string, address: string, clientId: string): Identity | WatchpostError {
    const certified = readCommonName(name);
    if (certified === null || !speaksFor(certified, clientId)) {
      const error = new WatchpostError('WP3300', { detail: `${name} as ${clientId}` });
      const owner = addressOfClient(name);
      if (owner !== null) this.#parts.onMisuse({ owner, error, address });
      return error;
    }
    if (certified.kind !== 'person') return identityOf(clientId);
    const person = this.#parts.findPerson(certified.name);
    return person === null ? new WatchpostError('WP3321', { detail: name }) : { kind: 'person', person };
  }
}

/** Somebody signed in has one client id, or with a suffix several. */
function personAs(person: Person | null, clientId: string): Identity | WatchpostError {
  if (person === null) return new WatchpostError('WP3350');
  const own = `user.${person.name}`;
  if (clientId === own || clientId.startsWith(`${own}.`)) return { kind: 'person', person };
  return new WatchpostError('WP3366', { detail: `${own} as ${clientId}` });
}
