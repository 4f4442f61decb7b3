import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { bundlesIn } from '#agent/behaviours/trial/inbox.ts';
import { readCard } from '#agent/profile/card.ts';
import { FileDisk } from '#agent/profile/slots/file-disk.ts';
import { wholeContent } from '#agent/profile/slots/slot-content.ts';
import { SlotStore } from '#agent/profile/slots/slot-store.ts';
import { SLOTS, type Slot, type SlotState } from '#agent/profile/slots/superblock.ts';
import { CARD } from '#contract/device-card.ts';
import { ERRORS, isErrorCode } from '#contract/errors.ts';
import { clientIdOf } from '#contract/names.ts';

interface ShowOptions {
  readonly card: string;
  readonly json?: true;
}

/** `watchpost slots show`: reads, and writes nothing. */
export function slotsCommand(): Command {
  return new Command('slots').addCommand(
    new Command('show')
      .description('say in words what a device runs, what is on trial, and what lies in its inbox')
      .requiredOption('--card <dir>', 'the device’s folder, or its mounted card')
      .option('--json', 'one line of JSON')
      .action(show),
  );
}

async function show({ card, json }: ShowOptions): Promise<void> {
  const dir = resolve(card);
  const device = clientIdOf(readCard(dir));
  const disk = new FileDisk(join(dir, CARD.slots));
  const state = await new SlotStore(disk).state();
  const whole = { a: await isWhole(disk, state, 'a'), b: await isWhole(disk, state, 'b') };
  const waiting = [...(await bundlesIn([join(dir, CARD.inbox)])).keys()];
  const lines = json
    ? [JSON.stringify({ device, ...state, whole, waiting })]
    : [
        `${device}: ${whatRuns(state)}`,
        ...SLOTS.map((slot) => `  slot ${slot}: ${slotInWords(state, slot, whole[slot])}`),
        ...lastInWords(state),
        ...waiting.map((file) => `  waits in the inbox: ${file}`),
        `  trusts root ${state.root.version}`,
      ];
  for (const line of lines) process.stdout.write(`${line}\n`);
}

async function isWhole(disk: FileDisk, { slots }: SlotState, slot: Slot): Promise<boolean | null> {
  const entry = slots[slot];
  return entry === null ? null : (await wholeContent(disk, slot, entry)) !== null;
}

function whatRuns({ confirmed, trial, slots }: SlotState): string {
  const entry = confirmed === null ? null : slots[confirmed];
  if (trial !== null) {
    const tried = slots[trial.slot]?.generation;
    const back = entry === null ? 'nothing to go back to' : `goes back to ${entry.generation}`;
    return `generation ${tried} is on trial, started ${times(trial.starts)}; ${back}`;
  }
  return entry === null ? 'nothing is installed' : `generation ${entry.generation} is confirmed`;
}

function slotInWords({ confirmed, trial, slots }: SlotState, slot: Slot, isSound: boolean | null): string {
  const entry = slots[slot];
  if (entry === null) return 'empty';
  const role = slot === confirmed ? 'confirmed' : slot === trial?.slot ? 'on trial' : idleRole(entry.proven);
  const damage = isSound === false ? ', DAMAGED: install it again' : '';
  return `generation ${entry.generation}, ${role}, ${entry.digest.slice(0, 12)}${damage}`;
}

const idleRole = (proven: boolean): string => (proven ? 'can be gone back to' : 'ready to be tried');

function lastInWords({ last }: SlotState): readonly string[] {
  if (last === null) return [];
  const { generation, code } = last;
  const why = isErrorCode(code) ? ERRORS[code].message : '';
  return [`  generation ${generation} was given up: ${code} ${why}`.trimEnd()];
}

function times(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : `${count} times`;
}
