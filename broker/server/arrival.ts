import type { Duplex } from 'node:stream';
import type { Person } from '#broker/auth/roles.ts';
import type { WatchpostError } from '#contract/errors.ts';

/** How a connection came in, and so what speaks for it. */
export type Credentials =
  /** Loopback only: the client id is believed. */
  | { readonly kind: 'plain' }
  /** The certificate speaks: `name` is its CN, `fingerprint` its SHA-256. It was found good (tls-port.ts). */
  | { readonly kind: 'tls'; readonly name: string; readonly fingerprint: string }
  /** A browser or a tool that has signed in over HTTP. */
  | { readonly kind: 'person'; readonly person: Person }
  /** A tool that has not, and shows a name and a secret in its CONNECT. */
  | { readonly kind: 'person'; readonly person: null; readonly signIn: SignInByConnect };

export type SignInByConnect = (name: string, secret: string) => Promise<Person | WatchpostError>;

/** A byte stream on which somebody is about to speak MQTT. */
export interface Arrival {
  readonly stream: Duplex;
  /** IP address of the other side; caps and rates count by it. */
  readonly address: string;
  readonly credentials: Credentials;
}
