import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { CARD } from '#contract/device-card.ts';
import { addressOfClientId } from '#contract/names.ts';
import { newestOf, type RootChain } from '#scripts/bundle/root-chain.ts';
import {
  bundleOf,
  CONTENT,
  DEVICE,
  firstChain,
  type Made,
  NOW_MS,
  newKeys,
  type SiteKeys,
} from '#test/contract/bundle/kit.ts';

/** A device's folder with empty slots, and who may sign for it. */
export interface TestCard {
  readonly dir: string;
  readonly store: SlotStore;
  readonly keys: SiteKeys;
  readonly chain: RootChain;
  /** Writes a signed bundle beside the folder; answers its path. */
  bundle(generation: number, made?: Partial<Made>): string;
}

export const CLOCK = { quality: 'synced', nowMs: NOW_MS } as const;

export interface CardFacts {
  readonly device?: string;
  readonly brokers?: readonly string[];
}

export async function makeCard(t: Test, facts: CardFacts = {}): Promise<TestCard> {
  const { device = DEVICE, brokers = ['mqtt://127.0.0.1:1'] } = facts;
  const top = mkdtempSync(join(tmpdir(), 'watchpost-card-'));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  const dir = join(top, 'card');
  for (const folder of [CARD.slots, CARD.inbox, CARD.data]) mkdirSync(join(dir, folder), { recursive: true });
  const card = { format: 1, ...addressOfClientId(device), brokers, madeAt: new Date(NOW_MS).toISOString() };
  writeFileSync(join(dir, CARD.facts), JSON.stringify(card));
  const keys = newKeys();
  const chain = firstChain(keys);
  const store = new SlotStore(new FileDisk(join(dir, CARD.slots)));
  await store.make(newestOf(chain));
  const bundle = (generation: number, made: Partial<Made> = {}) => {
    const file = join(top, `${generation}.wpb`);
    const signers = [keys.targets[0], keys.targets[1]];
    const plan = { device, ...made.plan, generation };
    writeFileSync(file, bundleOf({ chain, signers, content: CONTENT, ...made, plan }));
    return file;
  };
  return { dir, store, keys, chain, bundle };
}
