import { rounded } from './figures.ts';
import type { Written } from './wear-meter.ts';

/** `rest`: a part of every day. `work`: comes on top. `once`: when a device is set up. */
export type WearPart = 'rest' | 'work' | 'once';

/** What one thing writes, and what that comes to. `card…` and `flushes`: null where no card could be mounted. */
export interface WearRow {
  readonly what: string;
  readonly part: WearPart;
  /** How often it was done; of something that goes on all day, how many days of it were measured. */
  readonly measured: number;
  /** Each time; of something that goes on all day, a day. */
  readonly kib: number;
  readonly cardKib: number | null;
  readonly flushes: number | null;
  readonly timesADay: number;
  readonly mbADay: number;
  readonly cardMbADay: number | null;
}

export interface WearSum {
  readonly mbADay: number;
  readonly cardMbADay: number | null;
  readonly flushesADay: number | null;
}

const MB = 1e6;
const KIB = 1024;

export function wearRow(
  named: Pick<WearRow, 'what' | 'part' | 'timesADay' | 'measured'>,
  { bytes, card }: Written,
): WearRow {
  const { what, part, timesADay, measured } = named;
  const each = (amount: number) => amount / measured;
  const aDay = (amount: number) => rounded((each(amount) * timesADay) / MB, 3);
  return {
    what,
    part,
    measured: rounded(measured, 4),
    kib: rounded(each(bytes) / KIB, 1),
    cardKib: card === null ? null : rounded(each(card.bytes) / KIB, 1),
    flushes: card === null ? null : rounded(each(card.flushes), 1),
    timesADay,
    mbADay: aDay(bytes),
    cardMbADay: card === null ? null : aDay(card.bytes),
  };
}

export function sumOf(rows: readonly WearRow[], parts: readonly WearPart[]): WearSum {
  const own = rows.filter(({ part }) => parts.includes(part));
  const sum = (of: (row: WearRow) => number | null, digits: number) => {
    const amounts = own.map(of);
    const total = amounts.reduce<number>((before, amount) => before + (amount ?? 0), 0);
    return amounts.includes(null) ? null : rounded(total, digits);
  };
  return {
    mbADay: sum(({ mbADay }) => mbADay, 2) ?? 0,
    cardMbADay: sum(({ cardMbADay }) => cardMbADay, 2),
    flushesADay: sum(({ flushes, timesADay }) => (flushes === null ? null : flushes * timesADay), 0),
  };
}
