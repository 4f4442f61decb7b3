import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CARD } from '#contract/device-card.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import { bundlesIn } from './behaviours/trial/inbox.ts';
import { BUILT_AT_MS, machineClockSource } from './core/device-clock.ts';
import type { CardSettings } from './settings.ts';
import { CardSource } from './start-slot.ts';
import { inboxesOf, makeInstaller } from './trial-wiring.ts';

/** What a device with a card runs from: its slots, and before the first of them is filled what lies in its inbox. */
export function cardSource(card: CardSettings, log: Log): CardSource {
  mkdirSync(join(card.dir, CARD.data), { recursive: true, mode: 0o700 });
  return new CardSource({
    dir: join(card.dir, CARD.slots),
    installFirst: () => installFirst(card, log),
    log,
  });
}

/** What is refused is said in the log: nobody else is there to be told yet. */
async function installFirst(card: CardSettings, log: Log): Promise<void> {
  const files = [...(await bundlesIn(inboxesOf(card))).keys()];
  if (files.length === 0) return;
  const installer = makeInstaller({ card: card.dir, clock: machineClock, log });
  try {
    const outcome = await installer.install({ files, sha256: null });
    if (!outcome.ok) log.error({ ...outcome }, 'agent.first-bundle-refused');
  } catch (error) {
    if (!(error instanceof WatchpostError)) throw error;
    log.error({ code: error.code, detail: error.detail }, 'agent.first-bundle-not-installed');
  } finally {
    await installer.close();
  }
}

/** Before the site has said anything. */
function machineClock() {
  const wallMs = machineClockSource.wallMs();
  if (machineClockSource.isSynced()) return { quality: 'synced', nowMs: wallMs } as const;
  const quality = wallMs >= BUILT_AT_MS ? 'holdover' : 'unset';
  return { quality, nowMs: Math.max(BUILT_AT_MS, wallMs) } as const;
}
