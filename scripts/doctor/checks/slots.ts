import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { damagedParts, wholeContent } from '#agent/profile/slots/slot-content.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { SLOTS, type Slot, type SlotState } from '#agent/profile/slots/superblock.ts';
import { withBundleFile } from '#contract/bundle/bundle-file.ts';
import { PROFILE_PART } from '#contract/bundle/metadata.ts';
import { verifyBundle } from '#contract/bundle/verify.ts';
import { CARD } from '#contract/device-card.ts';
import { clientIdOf } from '#contract/names.ts';
import { readVersion } from '#contract/version.ts';
import type { Check } from '../check.ts';
import { endFinding } from '../end-finding.ts';
import { type Finding, failed, failedBy, ok, skipped, warning } from '../finding.ts';

/** What a device has in its slots, whom it lets sign, and what waits for it. Nothing is started and nothing written. */
export const slotsCheck: Check = {
  name: 'slots',
  examine: async ({ cardDir, machine }) => {
    if (cardDir === null) return [skipped('slots', 'no card: give --card')];
    const disk = new FileDisk(join(cardDir, CARD.slots));
    const store = new SlotStore(disk);
    try {
      const state = await store.state();
      const contents = await Promise.all(SLOTS.map((slot) => contentFindings(disk, slot, state)));
      return [
        ...contents.flat(),
        ...stateFindings(state),
        await rootFinding(store, machine.nowMs()),
        ...(await inboxFindings(cardDir, store, machine.nowMs())),
      ];
    } catch (cause) {
      return [failedBy('slots', cause, 'WP4201')];
    }
  },
};

async function contentFindings(disk: FileDisk, slot: Slot, state: SlotState): Promise<Finding[]> {
  const entry = state.slots[slot];
  if (entry === null) return [];
  const what = `slot ${slot}`;
  const role = state.confirmed === slot ? 'confirmed' : state.trial?.slot === slot ? 'on trial' : 'the other';
  const shown = `generation ${entry.generation}, ${role}`;
  if ((await wholeContent(disk, slot, entry)) !== null) return [ok(what, shown)];
  const listed = await wholeContent(disk, slot, entry, ({ name }) => name === PROFILE_PART);
  const parts = listed === null ? [] : await damagedParts(disk, slot, listed);
  const names = parts.length === 0 ? '' : `: ${parts.map(({ name }) => name).join(', ')}`;
  return [failed(what, { code: 'WP4204', detail: `${shown}${names}` })];
}

function stateFindings({ confirmed, trial, slots, last, floor }: SlotState): Finding[] {
  const told: Finding[] = [];
  if (confirmed === null && trial === null) told.push(failed('bundle', { code: 'WP4740' }));
  if (trial !== null) {
    const generation = slots[trial.slot]?.generation ?? '?';
    told.push(
      warning('trial', { code: 'WP4741', detail: `generation ${generation}, ${trial.starts} starts` }),
    );
  }
  if (last !== null) {
    const detail = `generation ${last.generation}: ${last.code}`;
    told.push(warning('last bundle', { code: 'WP4742', detail }));
  }
  if (floor !== null) told.push(ok('generation', `nothing older than ${floor.generation} is installed`));
  return told;
}

async function rootFinding(store: SlotStore, nowMs: number): Promise<Finding> {
  const { version, expires } = (await store.root()).signed;
  const end = { what: 'who signs', shown: `root ${version}`, endMs: Date.parse(expires), nowMs };
  return endFinding({ ...end, ended: 'WP4743', soon: 'WP4743', soonDays: 90 });
}

async function inboxFindings(cardDir: string, store: SlotStore, nowMs: number): Promise<Finding[]> {
  const inbox = join(cardDir, CARD.inbox);
  const waiting = readdirSync(inbox).filter((name) => /\.wpb$/i.test(name));
  const [{ site, device }, { floor }, root] = [readCard(cardDir), await store.state(), await store.root()];
  const expected = { root, device: clientIdOf({ site, device }), floor, agent: readVersion() };
  const clock = { quality: 'synced', nowMs } as const;
  const look = async (name: string): Promise<Finding> => {
    try {
      const { manifest } = await withBundleFile(join(inbox, name), (reader) =>
        verifyBundle(reader, { ...expected, clock }),
      );
      return ok(`inbox ${name}`, `generation ${manifest.generation} can be installed`);
    } catch (cause) {
      return { ...failedBy(`inbox ${name}`, cause, 'WP4101'), result: 'warning' };
    }
  };
  return Promise.all(waiting.map(look));
}
