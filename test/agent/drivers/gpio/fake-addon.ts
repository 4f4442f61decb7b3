import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Addon, ChipInfo, EdgeListener } from '#contract/native-addon.ts';

const FLAGS = { activeLow: 2, biasUp: 256, biasDown: 512, biasNone: 1024 };

interface FakeLine {
  /** The voltage, before `activeLow`. */
  high: boolean;
  heldBy: string | null;
  name: string;
}

interface Watch {
  readonly line: FakeLine;
  readonly flags: number;
  readonly debounceUs: number;
  readonly buffered: number;
  readonly listener: EdgeListener;
  count: number;
}

const failure = (code: string) => Object.assign(new Error(code), { code });

/** What the kernel does with lines, in memory: for what a machine without any GPIO chip can show. */
export class FakeAddon implements Addon {
  readonly flags = FLAGS;
  readonly watches = new Map<number, Watch>();
  readonly driven = new Map<number, { readonly line: FakeLine; readonly flags: number }>();
  #chips = new Map<string, { info: ChipInfo; lines: FakeLine[] }>();
  #lastId = 0;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A chip with its device file in `folder`. */
  plug(folder: string, info: ChipInfo): void {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, info.name);
    writeFileSync(path, '');
    const lines = Array.from({ length: info.lines }, () => ({ high: false, heldBy: null, name: '' }));
    this.#chips.set(path, { info, lines });
  }

  /** The chip is gone: its lines read ENODEV, and nobody says so until somebody looks. */
  unplug(path: string): void {
    this.#chips.delete(path);
  }

  nameLine(path: string, offset: number, name: string): void {
    this.#lineAt(path, offset).name = name;
  }

  take(path: string, offset: number, consumer: string): void {
    this.#lineAt(path, offset).heldBy = consumer;
  }

  leave(path: string, offset: number): void {
    this.#lineAt(path, offset).heldBy = null;
  }

  /** Moves the line, and tells who watches it. */
  move(path: string, offset: number, high: boolean): void {
    const line = this.#lineAt(path, offset);
    if (line.high === high) return;
    this.slip(path, offset, high);
    for (const watch of this.watches.values()) if (watch.line === line) this.#tell(watch, 1);
  }

  /** Moves the line without an edge. */
  slip(path: string, offset: number, high: boolean): void {
    this.#lineAt(path, offset).high = high;
  }

  /** An edge to the level that the line has, `lost` edges after the last. */
  edge(path: string, offset: number, lost = 0): void {
    const line = this.#lineAt(path, offset);
    for (const watch of this.watches.values()) if (watch.line === line) this.#tell(watch, 1 + lost);
  }

  fail(code: string): void {
    for (const { listener } of this.watches.values()) listener(code, new Float64Array());
  }

  chip(path: string): ChipInfo {
    return this.#chipAt(path).info;
  }

  line(path: string, offset: number): { name: string; consumer: string; used: boolean } {
    const { heldBy, name } = this.#lineAt(path, offset);
    return { name, consumer: heldBy ?? '', used: heldBy !== null };
  }

  watch(
    path: string,
    offset: number,
    flags: number,
    consumer: string,
    debounceUs: number,
    buffered: number,
    listener: EdgeListener,
  ): number {
    const line = this.#lineAt(path, offset);
    if (line.heldBy !== null) throw failure('EBUSY');
    line.heldBy = consumer;
    this.#lastId += 1;
    this.watches.set(this.#lastId, { line, flags, debounceUs, buffered, listener, count: 0 });
    return this.#lastId;
  }

  drive(path: string, offset: number, flags: number, consumer: string, level: number): number {
    const line = this.#lineAt(path, offset);
    if (line.heldBy !== null) throw failure('EBUSY');
    line.heldBy = consumer;
    this.#lastId += 1;
    this.driven.set(this.#lastId, { line, flags });
    this.set(this.#lastId, level);
    return this.#lastId;
  }

  level(id: number): number {
    const watch = this.watches.get(id);
    if (watch === undefined) throw failure('EBADF');
    if (!this.#isThere(watch.line)) throw failure('ENODEV');
    return activeOf(watch);
  }

  set(id: number, level: number): void {
    const driven = this.driven.get(id);
    if (driven === undefined) throw failure('EBADF');
    if (!this.#isThere(driven.line)) throw failure('ENODEV');
    driven.line.high = (level === 1) !== ((driven.flags & FLAGS.activeLow) !== 0);
  }

  release(id: number): void {
    const watch = this.watches.get(id);
    if (watch !== undefined) watch.line.heldBy = null;
    this.watches.delete(id);
    const driven = this.driven.get(id);
    if (driven !== undefined) driven.line.heldBy = null;
    this.driven.delete(id);
  }

  notify(): void {
    throw failure('ENOSYS');
  }

  #tell(watch: Watch, edges: number): void {
    watch.count += edges;
    watch.listener(null, Float64Array.of(activeOf(watch), this.#nowMs(), watch.count));
  }

  /** The voltage of a line. */
  isHigh(path: string, offset: number): boolean {
    return this.#lineAt(path, offset).high;
  }

  #isThere(line: FakeLine): boolean {
    return [...this.#chips.values()].some(({ lines }) => lines.includes(line));
  }

  #chipAt(path: string): { info: ChipInfo; lines: FakeLine[] } {
    const chip = this.#chips.get(path);
    if (chip === undefined) throw failure('ENODEV');
    return chip;
  }

  #lineAt(path: string, offset: number): FakeLine {
    const line = this.#chipAt(path).lines[offset];
    if (line === undefined) throw failure('EINVAL');
    return line;
  }
}

const activeOf = ({ line, flags }: Watch): number => Number(line.high !== ((flags & FLAGS.activeLow) !== 0));
