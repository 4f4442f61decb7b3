import type { DeviceDirectory } from '#broker/incidents/ports.ts';
import type { TestModes } from '#broker/incidents/test-mode.ts';
import type { AuditLog } from '#broker/persistence/ledger/audit-log.ts';
import type { GroupCommit, LedgerEvent } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import type { Certificate, CertificateFile } from '#contract/commission/certificate.ts';
import type { CommandItem, EnrolmentItem } from '#contract/http.ts';
import type { Log } from '#contract/log.ts';
import type { DeviceAddress } from '#contract/names.ts';

/** Sends commands to devices (broker/api/command-desk.ts). */
export interface Orders {
  issue(
    address: DeviceAddress,
    body: { readonly name: string; readonly args: Record<string, unknown>; readonly expiresInS: number },
    who: string,
  ): Promise<Pick<CommandItem, 'id' | 'reply'>>;
  get(address: DeviceAddress, id: string): Pick<CommandItem, 'reply'>;
}

/** What the site hears, always after the commit; each returns what ends it. */
export interface SiteNews {
  on(kind: 'event', listener: (event: LedgerEvent) => void): () => void;
  on(kind: 'device', listener: (address: DeviceAddress) => void): () => void;
  on(kind: 'reply', listener: (news: { readonly address: DeviceAddress }) => void): () => void;
  on(kind: 'evidence', listener: () => void): () => void;
}

/** Resolves the incidents that a test has opened. */
export interface Incidents {
  act(id: string, action: 'resolve', body: { note: string; cause: string }, who: string): Promise<unknown>;
}

export interface EnrolmentList {
  list(): readonly EnrolmentItem[];
}

/** Whether content has come whole, by its id. */
export interface Pictures {
  find(blobId: string): object | null;
}

/** What the site itself says of this device is a test until it is told otherwise. */
export interface Rehearsals {
  begin(address: DeviceAddress): () => void;
  /** After how much silence it is missed meanwhile, seconds. */
  readonly intervalS: number;
}

/** Signs what was found (Signer). */
export interface CertificateSigner {
  sign(certificate: Certificate): Promise<CertificateFile>;
  /** SHA-256 of the public key, hexadecimal digits. */
  fingerprint(): string;
}

export interface CommissioningParts {
  readonly db: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditLog;
  readonly devices: DeviceDirectory;
  readonly testModes: TestModes;
  readonly orders: Orders;
  readonly news: SiteNews;
  readonly incidents: Incidents;
  readonly enrolments: EnrolmentList;
  readonly pictures: Pictures;
  readonly signer: CertificateSigner;
  /** Of the broker. */
  readonly version: string;
}
