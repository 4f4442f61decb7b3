import { createHash } from 'node:crypto';
import type { SlotContent } from '#agent/profile/slots/slot-content.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { manifestOf } from '#contract/bundle/manifest.ts';
import { RootDocument } from '#contract/bundle/metadata.ts';
import { unsignedTrust } from '#scripts/bundle/make.ts';
import { unsignedRoot } from '#scripts/bundle/root-chain.ts';
import { newSigner } from '#scripts/bundle/signer.ts';
import { VolatileDisk } from './volatile-disk.ts';

const group = { keys: [newSigner().publicKey], threshold: 1 };

/** A root; nobody looks at its signatures here. */
export const rootNumber = (version: number): RootDocument =>
  RootDocument.parse(unsignedRoot(version, { root: group, targets: group, expiresMs: Date.UTC(2030, 0, 1) }));

/** The files of a generation: some stay, some change, some come and go. */
export function filesOf(generation: number): ReadonlyMap<string, Buffer> {
  return new Map([
    ['profile.json', Buffer.alloc(700, `profile ${generation} `)],
    ['voice/en/alarm.sent.wav', Buffer.alloc(600, 'always the same')],
    [`voice/en/only.${generation % 2}.wav`, Buffer.alloc(300, `clip ${generation} `)],
  ]);
}

/** As if it had been verified. */
export function contentOf(generation: number): SlotContent {
  const files = filesOf(generation);
  const parts = [...files].map(([name, bytes]) => ({
    ...{ name, length: bytes.length },
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  const plan = {
    device: 'mall.pillar-001',
    agent: '>=0.1',
    generation,
    expiresMs: Date.UTC(2030, 0, 1),
    parts,
  };
  const { targets } = unsignedTrust(plan, { roots: [] });
  return {
    manifest: manifestOf(targets.signed),
    read: async function* ({ name }) {
      yield files.get(name) ?? Buffer.alloc(0);
    },
  };
}

/** Installed, tried and confirmed. */
export async function bringUp(store: SlotStore, generation: number): Promise<void> {
  await store.install(contentOf(generation));
  await store.tryOut();
  await store.start();
  await store.confirm();
}

/** A device that has confirmed generation 1, and has been switched off and on since. */
export async function provenDisk(): Promise<VolatileDisk> {
  const disk = new VolatileDisk();
  const store = new SlotStore(disk);
  await store.make(rootNumber(1));
  await bringUp(store, 1);
  return disk.afterCut(() => 0);
}
