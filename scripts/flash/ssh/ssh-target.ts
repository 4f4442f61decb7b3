import { SLOTS, type SlotState } from '#agent/profile/slots/superblock.ts';
import { refuseOlder } from '#contract/bundle/manifest.ts';
import { WatchpostError } from '#contract/errors.ts';
import { clientIdOf } from '#contract/names.ts';
import { bytesInWords } from '../quantities.ts';
import type { SourceBundle } from '../source-bundle.ts';
import type { Progress, ReadBack, Sight, Target } from '../target.ts';
import { RemoteInbox, type RemoteSight } from './remote-inbox.ts';
import { type RemotePlace, RemoteShell } from './remote-shell.ts';

/** A device that is reached by ssh: the bundle goes to its inbox, and its agent installs it. */
export class SshTarget implements Target {
  readonly name: string;
  readonly next: string;
  readonly #inbox: RemoteInbox;
  readonly #source: SourceBundle;
  #sight: RemoteSight | null = null;
  #readBack: ReadBack | null = null;

  constructor(name: string, place: RemotePlace, source: SourceBundle, options: readonly string[]) {
    this.name = name;
    this.next = `the agent of ${source.manifest.device} installs it now, or at its next start; the same command says whether it has`;
    this.#inbox = new RemoteInbox(new RemoteShell(place, options), place.folder, source.sha256);
    this.#source = source;
  }

  async open(): Promise<void> {
    return;
  }

  async look(): Promise<Sight> {
    const sight = await this.#inbox.look();
    this.#sight = sight;
    const { manifest, bytes } = this.#source;
    const device = clientIdOf(sight.card);
    if (device !== manifest.device) {
      throw new WatchpostError('WP4105', { detail: `it is for ${manifest.device}, this is ${device}` });
    }
    refuseOlder(manifest, sight.slots?.floor ?? null);
    const left = this.#isThere(sight) ? 0 : bytes - thereOf(sight, this.#source);
    this.#refuseFull(left, sight.freeBytes);
    return {
      what: `${device}, ${saidOf(sight.slots)}, ${bytesInWords(sight.freeBytes)} free`,
      steps: this.#isThere(sight) ? [] : stepsOf(sight, left),
      risks:
        sight.slots === null
          ? ['its slots cannot be read: its agent installs nothing before it is provisioned']
          : [],
      bytes: left,
    };
  }

  async write(progress: Progress): Promise<void> {
    const { file, bytes, sha256 } = this.#source;
    const from = this.#sight === null ? 0 : thereOf(this.#sight, this.#source);
    if (from < bytes) await this.#inbox.write(file, from, bytes, (done) => progress(done - from));
    const hash = await this.#inbox.finish(sha256);
    if (hash !== sha256) throw new WatchpostError('WP4313', { detail: this.name });
    this.#readBack = {
      sha256,
      from: 'medium',
      how: 'the device read it back past its memory, and has it in its inbox',
    };
  }

  async readBack(): Promise<ReadBack> {
    if (this.#readBack !== null) return this.#readBack;
    const { sha256, manifest } = this.#source;
    if (this.#sight?.waiting === sha256) {
      return { sha256, from: 'device', how: 'it waits in the inbox of the device, whole' };
    }
    return {
      sha256: null,
      from: 'device',
      how: `slot ${slotOf(this.#sight?.slots ?? null, manifest.digest)} of the device has it`,
    };
  }

  async close(): Promise<void> {
    return;
  }

  /** What the device has tried and given up is tried once more: somebody asks for it. */
  #isThere({ slots, waiting }: RemoteSight): boolean {
    const { digest, generation } = this.#source.manifest;
    if (slotOf(slots, digest) !== null) return true;
    return waiting === this.#source.sha256 && slots?.last?.generation !== generation;
  }

  /** Once in the inbox, once in the slot. */
  #refuseFull(left: number, freeBytes: number): void {
    const needed = left === 0 ? 0 : left + this.#source.manifest.contentBytes;
    if (needed <= freeBytes) return;
    throw new WatchpostError('WP4306', {
      detail: `${bytesInWords(needed)} needed, ${bytesInWords(freeBytes)} free`,
    });
  }
}

/** Bytes that need not be sent. */
const thereOf = ({ partBytes, waiting }: RemoteSight, { bytes, sha256 }: SourceBundle): number =>
  waiting === sha256 ? bytes : Math.min(bytes, partBytes);

function stepsOf({ partBytes }: RemoteSight, left: number): readonly string[] {
  if (left === 0)
    return [
      'have the device read back what it has, and try it',
      'its agent verifies, installs and tries it by itself',
    ];
  const on = partBytes === 0 ? '' : `, on from the ${bytesInWords(partBytes)} that are there`;
  return [
    `send ${bytesInWords(left)} to its inbox${on}`,
    'have the device read it back and compare',
    'its agent verifies, installs and tries it by itself',
  ];
}

const slotOf = (slots: SlotState | null, digest: string) =>
  SLOTS.find(
    (slot) => slots?.slots[slot]?.digest === digest && [slots.confirmed, slots.trial?.slot].includes(slot),
  ) ?? null;

function saidOf(slots: SlotState | null): string {
  if (slots === null) return 'has no slots';
  const runs =
    slots.confirmed === null
      ? 'runs nothing yet'
      : `runs generation ${slots.slots[slots.confirmed]?.generation}`;
  const { trial, last } = slots;
  const tries = trial === null ? '' : `, generation ${slots.slots[trial.slot]?.generation} on trial`;
  return `${runs}${tries}${last === null ? '' : `, has rejected generation ${last.generation} (${last.code})`}`;
}
