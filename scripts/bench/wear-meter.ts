import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';
import type { WearCard } from './wear-card.ts';

/** What was written between two looks. */
export interface Written {
  /** Of the program: whole pages of its files that it has changed (proc_pid_io(5), write_bytes). */
  readonly bytes: number;
  /** Of the card: those and what the file system writes besides; null where there is no card of its own. */
  readonly card: { readonly bytes: number; readonly flushes: number } | null;
}

const PROBE_BYTES = 64 * 1024;

/** Counts what processes write, and what reaches the card below them. */
export class WearMeter {
  readonly #card: WearCard | null;
  readonly #pids: () => readonly number[];
  #before: Written = { bytes: 0, card: null };

  /** `pids`: the processes that count; they must live until the next look. */
  constructor(card: WearCard | null, pids: () => readonly number[]) {
    this.#card = card;
    this.#pids = pids;
  }

  begin(): void {
    this.#before = this.#now();
  }

  /** Since `begin`, less what looking costs. */
  end(): Written {
    const during = less(this.#now(), this.#before);
    this.begin();
    return atLeastNothing(less(during, { ...less(this.#now(), this.#before), bytes: 0 }));
  }

  #now(): Written {
    const card = this.#card?.work() ?? null;
    const bytes = this.#pids().reduce((sum, pid) => sum + writtenBy(pid), 0);
    return { bytes, card };
  }
}

/** @throws WatchpostError WP5095 where the kernel counts nothing for this folder: it is in memory */
export function requireCounted(dir: string): void {
  const file = join(dir, 'probe');
  const before = writtenBy(process.pid);
  writeFileSync(file, Buffer.alloc(PROBE_BYTES, 1));
  const counted = writtenBy(process.pid) - before;
  rmSync(file);
  if (counted < PROBE_BYTES) throw new WatchpostError('WP5095', { detail: dir });
}

/** A process and those it has started. */
export function familyOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

function writtenBy(pid: number): number {
  const found = /^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'));
  return Number(found?.[1]);
}

function less(now: Written, before: Written): Written {
  const bytes = now.bytes - before.bytes;
  if (now.card === null || before.card === null) return { bytes, card: null };
  const card = { bytes: now.card.bytes - before.card.bytes, flushes: now.card.flushes - before.card.flushes };
  return { bytes, card };
}

/** One look may cost the card more than another. */
function atLeastNothing({ bytes, card }: Written): Written {
  if (card === null) return { bytes, card };
  return { bytes, card: { bytes: Math.max(0, card.bytes), flushes: Math.max(0, card.flushes) } };
}
