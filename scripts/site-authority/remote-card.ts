import * as z from 'zod';
import { DeviceCard } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import { RootChain } from '../bundle/root-chain.ts';
import { runRemote, type SshPlace } from '../remote/ssh.ts';
import type { DeviceCertificates } from './device-folder.ts';
import type { CardPlan, KeyHolder } from './key-holder.ts';

const Pem = z.string().min(1).max(65_536);

/** What `watchpost identity request` prints. */
export const IdentityRequest = z.object({ csr: Pem, keyIn: z.enum(['file', 'tpm']) });

/** What `watchpost identity install` reads. */
export const IdentityInstall = z.object({
  serial: z.string().regex(/^[0-9a-f]{1,40}$/),
  certificate: Pem,
  ca: Pem,
  brokers: DeviceCard.shape.brokers,
  roots: RootChain.shape.roots,
});
export type IdentityInstall = z.infer<typeof IdentityInstall>;

export interface RemoteCard extends Omit<CardPlan, 'to' | 'keyIn'> {
  readonly place: SshPlace;
  readonly sshOptions: readonly string[];
  /** How Watchpost is called there. */
  readonly program: string;
  readonly keyIn: 'auto' | 'file' | 'tpm';
}

/** A device that is reached by ssh: it makes its own key, and nothing but the request and the certificate travels. */
export class RemoteHolder implements KeyHolder {
  readonly #card: RemoteCard;
  #existing: 'refuse' | 'replace' = 'refuse';

  constructor(card: RemoteCard) {
    this.#card = card;
  }

  /** The device looks when it is asked for its key, before it makes one. */
  async check(existing: 'refuse' | 'replace'): Promise<void> {
    this.#existing = existing;
  }

  async request(): Promise<string> {
    const { address, keyIn } = this.#card;
    const replace = this.#existing === 'replace' ? ['--replace'] : [];
    const name = ['--site-name', address.site, '--key', keyIn];
    const said = await this.#run(['request', address.device, ...name, ...replace]);
    return this.#read(said, IdentityRequest).csr;
  }

  async install(files: DeviceCertificates): Promise<void> {
    const { brokers, chain } = this.#card;
    const sent: IdentityInstall = { ...files, brokers: [...brokers], roots: chain.roots };
    await this.#run(['install', this.#card.address.device, '--site-name', this.#card.address.site], sent);
  }

  /** A key that waits there is made anew by the next request. */
  abandon(): Promise<void> {
    return Promise.resolve();
  }

  #run(words: readonly string[], input?: object): Promise<string> {
    const { place, sshOptions, program } = this.#card;
    return runRemote({
      ...{ place, options: sshOptions, command: [program, 'identity', ...words, '--card', place.dir] },
      ...(input === undefined ? {} : { input: `${JSON.stringify(input)}\n` }),
    });
  }

  #read<T>(text: string, schema: z.ZodType<T>): T {
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new WatchpostError('WP4431', {
        detail: `${this.#card.place.host}: no answer of Watchpost`,
        cause,
      });
    }
  }
}
