import { existsSync, mkdirSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { CARD, DeviceCard } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { DeviceAddress } from '#contract/names.ts';
import { newestOf, type RootChain } from '../bundle/root-chain.ts';
import { replaceFile, SECRET_MODE } from './durable-file.ts';

const BROKER_PORT = 8883;

export interface NewCard {
  /** The device's folder, or its mounted card. */
  readonly to: string;
  readonly address: DeviceAddress;
  readonly brokers: readonly string[];
  /** Who may sign what is installed here. */
  readonly chain: RootChain;
  readonly nowMs: number;
}

/** Where devices call the broker by these names and addresses. */
export const brokersAt = (hosts: readonly string[]): string[] =>
  hosts.map((host) => `mqtts://${isIPv6(host) ? `[${host}]` : host}:${BROKER_PORT}`);

/**
 * Throws WP4417 where the card is another device's: its slots hold what that one runs, and its journal what that one has
 * not delivered yet.
 */
export function refuseOtherCard(to: string, { site, device }: DeviceAddress): void {
  const card = existsSync(join(to, CARD.facts)) ? readCard(to) : null;
  if (card === null || (card.site === site && card.device === device)) return;
  throw new WatchpostError('WP4417', { detail: `${to} is of ${card.site}.${card.device}` });
}

/** Room for two contents and what waits; slots that are there keep theirs. Rejects with WP4407. */
export async function makeRoom({ to, chain }: Pick<NewCard, 'to' | 'chain'>): Promise<void> {
  try {
    for (const folder of [CARD.slots, CARD.inbox, CARD.data]) {
      mkdirSync(join(to, folder), { recursive: true, mode: 0o700 });
    }
    await makeSlots(new SlotStore(new FileDisk(join(to, CARD.slots))), chain);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new WatchpostError('WP4407', { detail, cause });
  }
}

async function makeSlots(slots: SlotStore, chain: RootChain): Promise<void> {
  try {
    await slots.make(newestOf(chain));
  } catch (error) {
    if (!(error instanceof WatchpostError) || error.code !== 'WP4202') throw error;
  }
}

/** Says last who the device is: a card without `device.json` is none. Throws WP4407. */
export function nameCard({ to, address, brokers, nowMs }: Omit<NewCard, 'chain'>): void {
  const madeAt = new Date(nowMs).toISOString();
  const card: DeviceCard = { format: 1, ...address, brokers: [...brokers], madeAt };
  try {
    const text = `${JSON.stringify(DeviceCard.parse(card), null, 2)}\n`;
    replaceFile(join(to, CARD.facts), text, SECRET_MODE);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new WatchpostError('WP4407', { detail, cause });
  }
}
