import { createHash } from 'node:crypto';
import * as z from 'zod';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import type { BundleReader } from '#contract/bundle/layout.ts';
import { type Clock, systemClock, wait } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import { BundleItem, FleetItem, RolloutItem, UPLOAD_PIECE_BYTES, UploadItem } from '#contract/fleet.ts';
import { askBroker } from '../care/site-client.ts';

/** Where a running broker keeps its data, and its admin's token. */
export interface BrokerFolder {
  readonly dataDir: string;
}

const Bundles = z.object({ items: z.array(BundleItem) });
const Rollouts = z.object({ items: z.array(RolloutItem) });
const Fleet = z.object({ items: z.array(FleetItem) });

/**
 * Brings a bundle to the site; what is there already is not sent again, and what broke off is gone on with. The broker
 * verifies it (WP41xx). Rejects with WP3607 where no broker runs.
 * @param onProgress - told how many bytes the site has, and of how many
 */
export function uploadBundle(
  { dataDir }: BrokerFolder,
  file: string,
  onProgress: (bytes: number, of: number) => void = () => undefined,
): Promise<BundleItem> {
  return withBundleFile(file, async (reader) => {
    const sha256 = await hashOf(reader);
    for (let from = 0; ; ) {
      const bytes = new Uint8Array(await reader.read(from, UPLOAD_PIECE_BYTES));
      const path = `bundles?sha256=${sha256}&bytes=${reader.size}&from=${from}`;
      const said = UploadItem.parse(await askBroker(dataDir, { method: 'POST', path, bytes }));
      onProgress(said.from, reader.size);
      if (said.bundle !== null) return said.bundle;
      if (said.from === from) throw new WatchpostError('WP3704', { detail: `it takes nothing at ${from}` });
      from = said.from;
    }
  });
}

/** Has the site give a bundle that it has to the device that it is for: a roll-out of one. */
export async function sendTo(
  { dataDir }: BrokerFolder,
  { device, sha256 }: BundleItem,
): Promise<RolloutItem> {
  const path = `devices/${encodeURIComponent(device)}/bundle`;
  return RolloutItem.parse(await askBroker(dataDir, { method: 'POST', path, body: { sha256 } }));
}

export interface FollowOptions {
  /** Told at the beginning, and whenever something has changed. */
  readonly onChange?: (item: RolloutItem) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** How often the site is asked. */
  readonly everyMs?: number;
}

const LOOK_EVERY_MS = 500;

/** Resolves when a roll-out has ended or halted, with how. Rejects with the signal's reason. */
export async function follow(
  { dataDir }: BrokerFolder,
  id: number,
  { onChange = () => undefined, signal, clock = systemClock, everyMs = LOOK_EVERY_MS }: FollowOptions = {},
): Promise<RolloutItem> {
  for (let before = ''; ; ) {
    const item = await showRollout({ dataDir }, id);
    const now = JSON.stringify(item);
    if (now !== before) onChange(item);
    before = now;
    if (item.state !== 'running' && item.state !== 'paused') return item;
    await wait(clock, everyMs, signal);
  }
}

export async function showRollout({ dataDir }: BrokerFolder, id: number): Promise<RolloutItem> {
  return RolloutItem.parse(await askBroker(dataDir, { method: 'GET', path: `rollouts/${id}` }));
}

/** Newest first. */
export async function listRollouts({ dataDir }: BrokerFolder): Promise<RolloutItem[]> {
  return Rollouts.parse(await askBroker(dataDir, { method: 'GET', path: 'rollouts' })).items;
}

export async function startRollout({ dataDir }: BrokerFolder, body: object): Promise<RolloutItem> {
  return RolloutItem.parse(await askBroker(dataDir, { method: 'POST', path: 'rollouts', body }));
}

export async function moveRollout(
  { dataDir }: BrokerFolder,
  id: number,
  { step, body }: { readonly step: 'pause' | 'resume' | 'abort'; readonly body?: object },
): Promise<RolloutItem> {
  const request = { method: 'POST', path: `rollouts/${id}/${step}` } as const;
  return RolloutItem.parse(await askBroker(dataDir, body === undefined ? request : { ...request, body }));
}

export async function listBundles({ dataDir }: BrokerFolder): Promise<BundleItem[]> {
  return Bundles.parse(await askBroker(dataDir, { method: 'GET', path: 'bundles' })).items;
}

export async function removeBundle({ dataDir }: BrokerFolder, sha256: string): Promise<void> {
  await askBroker(dataDir, { method: 'DELETE', path: `bundles/${encodeURIComponent(sha256)}` });
}

export async function readFleet({ dataDir }: BrokerFolder): Promise<FleetItem[]> {
  return Fleet.parse(await askBroker(dataDir, { method: 'GET', path: 'fleet' })).items;
}

async function hashOf(reader: BundleReader): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < reader.size; at += UPLOAD_PIECE_BYTES) {
    hash.update(await reader.read(at, UPLOAD_PIECE_BYTES));
  }
  return hash.digest('hex');
}
