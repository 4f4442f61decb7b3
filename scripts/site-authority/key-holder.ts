import { makeRequest } from '#agent/installer/identity/key-request.ts';
import type { DeviceAddress } from '#contract/names.ts';
import type { RootChain } from '../bundle/root-chain.ts';
import { makeRoom, nameCard, refuseOtherCard } from './device-card.ts';
import { type DeviceCertificates, DeviceFolder } from './device-folder.ts';

/** Where a device's key is made and stays. */
export interface KeyHolder {
  /** Refuses before anything is written. Rejects with WP4407, WP4413 or WP4417. */
  check(existing: 'refuse' | 'replace'): Promise<void>;
  /** Makes the key; answers the request for its certificate, PEM. */
  request(): Promise<string>;
  /** Puts the certificate beside the key, both in force, and reads them back. */
  install(files: DeviceCertificates): Promise<void>;
  /** The key came to nothing. */
  abandon(): Promise<void>;
}

/** Identity alone. */
export class FolderHolder implements KeyHolder {
  readonly #to: string;
  readonly #folder: DeviceFolder;
  readonly #address: DeviceAddress;

  constructor(to: string, address: DeviceAddress) {
    this.#to = to;
    this.#folder = new DeviceFolder(to);
    this.#address = address;
  }

  async check(existing: 'refuse' | 'replace'): Promise<void> {
    this.#folder.check(existing);
    refuseOtherCard(this.#to, this.#address);
  }

  request(keyIn: 'file' | 'tpm' = 'file'): Promise<string> {
    const { site, device } = this.#address;
    return this.#folder.makeKey(keyIn).then((key) => makeRequest(key, `${site}.${device}`));
  }

  async install(files: DeviceCertificates): Promise<void> {
    this.#folder.install(files);
    this.#folder.verify(files);
  }

  async abandon(): Promise<void> {
    this.#folder.abandon();
  }
}

export interface CardPlan {
  readonly to: string;
  readonly address: DeviceAddress;
  readonly brokers: readonly string[];
  readonly chain: RootChain;
  readonly keyIn: 'file' | 'tpm';
  readonly nowMs: number;
}

/** All that a device starts from: identity, slots, inbox, its own data. */
export class CardHolder implements KeyHolder {
  readonly #plan: CardPlan;
  readonly #identity: FolderHolder;

  constructor(plan: CardPlan) {
    this.#plan = plan;
    this.#identity = new FolderHolder(plan.to, plan.address);
  }

  async check(existing: 'refuse' | 'replace'): Promise<void> {
    new DeviceFolder(this.#plan.to).make();
    await this.#identity.check(existing);
  }

  async request(): Promise<string> {
    await makeRoom(this.#plan);
    return this.#identity.request(this.#plan.keyIn);
  }

  async install(files: DeviceCertificates): Promise<void> {
    await this.#identity.install(files);
    nameCard(this.#plan);
  }

  abandon(): Promise<void> {
    return this.#identity.abandon();
  }
}
