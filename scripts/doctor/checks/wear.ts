import type { Check } from '../check.ts';
import { type Finding, failed, ok, skipped, warning } from '../finding.ts';
import { type Machine, readSystem } from '../machine.ts';
import { mountOf } from '../mount.ts';

const WHAT = 'card wear';
const SECTOR_BYTES = 512;
const MB = 1e6;
const DAY_S = 86_400;
/** Where the kernel counts sectors written (Documentation/ABI/stable/sysfs-block, stat). */
const SECTORS_WRITTEN = 6;
/** JESD84-B51, Extended CSD: bytes 268 and 269 count tenths of the life used, 0x0B is "exceeded"; byte 267 judges the spare blocks. */
const EXCEEDED = 0x0b;
const LAST_TENTH = 0x0a;
const SPARE: Readonly<Record<number, string>> = {
  1: 'spare blocks normal',
  2: '80 % of the spare blocks used',
  3: '90 % of the spare blocks used',
};
/** docs/wear.md: on the card in a day at rest, and at work. */
const OURS = 'Watchpost itself writes 1.7 to 18.5 MB a day (docs/wear.md)';

/** How worn the card is that the device's folder lies on: by its own word, or how much is written to it. */
export const wearCheck: Check = {
  name: WHAT,
  examine: ({ machine, dataDir }) => {
    const disk = mountOf(machine, dataDir ?? '/')?.diskName ?? null;
    if (disk === null) return [skipped(WHAT, 'no block device is behind the folder')];
    return [lifeFinding(machine, disk) ?? silentFinding(machine, disk)];
  },
};

function lifeFinding(machine: Machine, disk: string): Finding | null {
  const device = `/sys/block/${disk}/device`;
  const lives = hexes(readSystem(machine, `${device}/life_time`)).filter((value) => value > 0);
  const [spare = 0] = hexes(readSystem(machine, `${device}/pre_eol_info`));
  if (lives.length === 0 && spare === 0) return null;
  const most = Math.max(0, ...lives);
  const detail = [`${disk}: ${usedOf(most)}`, SPARE[spare], writtenShown(machine, disk)]
    .filter((part) => part !== undefined)
    .join(', ');
  if (most >= EXCEEDED || spare >= 3) return failed(WHAT, { code: 'WP4710', detail });
  if (most >= LAST_TENTH || spare === 2) return warning(WHAT, { code: 'WP4710', detail });
  return ok(WHAT, detail);
}

function usedOf(tenths: number): string {
  if (tenths === 0) return 'life used not said';
  if (tenths >= EXCEEDED) return 'more than its whole life is used';
  return `${(tenths - 1) * 10} to ${tenths * 10} % of its life is used`;
}

/** An SD card has no such register: what is written says how fast it wears, not how far it has come. */
function silentFinding(machine: Machine, disk: string): Finding {
  const type = readSystem(machine, `/sys/block/${disk}/device/type`);
  const who = type === 'SD' ? `${disk}: an SD card does not say how worn it is` : `${disk} does not say it`;
  return skipped(WHAT, `${who}; ${writtenShown(machine, disk)}. ${OURS}`);
}

function writtenShown(machine: Machine, disk: string): string {
  const counts = (readSystem(machine, `/sys/block/${disk}/stat`) ?? '').split(/\s+/);
  const writtenMb = (Number(counts[SECTORS_WRITTEN] ?? Number.NaN) * SECTOR_BYTES) / MB;
  const upS = Number(readSystem(machine, '/proc/uptime')?.split(' ')[0] ?? Number.NaN);
  if (Number.isNaN(writtenMb) || Number.isNaN(upS) || upS <= 0) return 'how much is written is not known';
  const days = upS / DAY_S;
  const shown = `${writtenMb.toFixed(0)} MB written in the ${days.toFixed(1)} days since it was started`;
  return days < 1 ? shown : `${shown}, ${(writtenMb / days).toFixed(1)} MB a day`;
}

const hexes = (text: string | null): number[] =>
  (text ?? '').split(/\s+/).flatMap((word) => (/^0x[0-9a-f]+$/i.test(word) ? [Number(word)] : []));
