import type { Cancel } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Log } from '#contract/log.ts';
import type { BypassChange, BypassGate } from '../../ports/bypass.ts';
import type { DeviceClock } from '../../ports/clock.ts';
import type { EventRecorder } from '../../ports/events.ts';
import type { ContactEdge, ContactInput } from '../../ports/inputs.ts';
import type { PanicInput } from './state.ts';

const RETRY_AFTER_MS = 10_000;
/** One that does not answer keeps the others, and who waits for them all, no longer than this. */
const ANSWERS_WITHIN_MS = 20_000;
const BYPASSED = 'WP2111';

const partOf = (input: string): string => `input:${input}`;

interface Parts {
  readonly inputs: readonly ContactInput[];
  /** Which of them are not believed for a while. */
  readonly gate?: BypassGate;
  /** An alarm of it was counted only. */
  readonly onSuppressed?: (input: string) => void;
  readonly recorder: EventRecorder;
  readonly clock: DeviceClock;
  readonly log: Log;
}

/**
 * Keeps the contacts read: one that cannot be started is reported once and tried again, the others go on. What a
 * bypassed contact does goes no further than its level here; when the bypass ends it is told as one that is found at
 * that level, so a contact found closed that was open before the bypass is an alarm then.
 */
export class InputKeeper {
  readonly #parts: Parts;
  readonly #dispatch: (input: PanicInput) => void;
  /** By input: the code of what is told of it, while it is not in order. */
  readonly #told = new Map<string, string>();
  readonly #levels = new Map<string, boolean>();
  /** Bypassed ones that were open at some time since: what is remembered from before a restart may be older. */
  readonly #seenOpen = new Set<string>();
  readonly #retries = new Map<string, Cancel>();
  /** Looked at since the start: read, or told that they cannot be. */
  readonly #looked = new Set<string>();
  /** By those that have not answered yet. */
  readonly #late = new Set<() => void>();
  #closed = false;
  #stop: Cancel | null = null;

  constructor(parts: Parts, dispatch: (input: PanicInput) => void) {
    this.#parts = parts;
    this.#dispatch = dispatch;
  }

  /** The inputs that cannot be read. */
  get failing(): readonly string[] {
    return this.#parts.inputs
      .map(({ name }) => name)
      .filter((name) => this.#isFailing(name))
      .map(partOf);
  }

  get bypassed(): readonly string[] {
    return this.#parts.inputs
      .map(({ name }) => name)
      .filter((name) => this.#isBypassed(name))
      .map(partOf);
  }

  /** Those of which nothing is known and nothing was told: a press there would be lost without a word. */
  get unaccounted(): readonly string[] {
    return this.#parts.inputs.map(({ name }) => name).filter((name) => !this.#looked.has(name));
  }

  async start(): Promise<void> {
    this.#closed = false;
    this.#stop ??= this.#parts.gate?.onChange((input, change) => this.#gated(input, change)) ?? null;
    this.#tellBypassed();
    await Promise.all(this.#parts.inputs.map((input) => this.#openInTime(input)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop?.();
    this.#stop = null;
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
    this.#looked.clear();
    for (const settled of this.#late) settled();
    await Promise.all(this.#parts.inputs.map((input) => this.#shut(input)));
  }

  /** It may still answer later, and is then found as ever. */
  #openInTime(input: ContactInput): Promise<void> {
    const { name } = input;
    return new Promise((resolve) => {
      const settled = () => {
        cancel();
        this.#late.delete(settled);
        resolve();
      };
      const cancel = this.#parts.clock.after(ANSWERS_WITHIN_MS, () => {
        this.#fails(name, new WatchpostError('WP2302', { detail: `${name} does not answer` }));
        this.#looked.add(name);
        settled();
      });
      this.#late.add(settled);
      void this.#open(input).then(settled);
    });
  }

  async #open(input: ContactInput): Promise<void> {
    const { name } = input;
    try {
      const active = await input.start({
        edge: (edge) => this.#edge(name, edge),
        lost: (error) => {
          this.#fails(name, error);
          if (!this.#closed) this.#dispatch({ kind: 'lost', input: name });
        },
        back: (level) => this.#found(name, level),
      });
      if (active === null) this.#isFound(name);
      else this.#found(name, active);
    } catch (cause) {
      this.#fails(name, cause);
      this.#retry(input);
    }
    this.#looked.add(name);
  }

  /** A contact found closed that was open is a press: it may have been pressed while nobody read it. */
  #found(name: string, active: boolean): void {
    if (this.#closed) return;
    const wasOpen = this.#levels.get(name) === false;
    this.#levels.set(name, active);
    this.#isFound(name);
    if (!this.#isBypassed(name)) this.#dispatch({ kind: 'level', input: name, active });
    else this.#setAside(name, { active, isNews: wasOpen });
  }

  #edge(name: string, edge: ContactEdge): void {
    if (this.#closed) return;
    const wasClosed = this.#levels.get(name) === true;
    this.#levels.set(name, edge.active);
    if (!this.#isBypassed(name)) this.#dispatch({ kind: 'edge', input: name, edge });
    else this.#setAside(name, { active: edge.active, isNews: !wasClosed });
  }

  #setAside(name: string, { active, isNews }: { active: boolean; isNews: boolean }): void {
    if (!active) this.#seenOpen.add(name);
    else if (isNews) this.#suppress(name);
  }

  /** Its end: a contact that cannot be read is told when it is found. */
  #gated(name: string, change: BypassChange): void {
    if (this.#closed || !this.#parts.inputs.some((input) => input.name === name)) return;
    if (change === 'bypassed') this.#dispatch({ kind: 'lost', input: name });
    this.#tellBypassed();
    const wasOpen = change === 'restored' && this.#seenOpen.delete(name);
    if (this.#isFailing(name)) return;
    this.#isFound(name);
    if (change === 'restored') this.#restore(name, wasOpen ? 'was-open' : 'unchanged');
  }

  /** One that was open in the meantime is told so first: closed by now, it was closed anew. */
  #restore(name: string, meanwhile: 'was-open' | 'unchanged'): void {
    const active = this.#levels.get(name);
    if (active === undefined) return;
    if (active && meanwhile === 'was-open') {
      this.#dispatch({ kind: 'level', input: name, active: false });
      this.#dispatch({ kind: 'lost', input: name });
    }
    this.#dispatch({ kind: 'level', input: name, active });
  }

  #tellBypassed(): void {
    const names = this.#parts.inputs.map(({ name }) => name);
    this.#dispatch({ kind: 'bypassed', inputs: names.filter((name) => this.#isBypassed(name)) });
  }

  /** It is read: in order, or bypassed. */
  #isFound(name: string): void {
    if (this.#isBypassed(name)) this.#tell(name, { state: 'degraded', code: BYPASSED });
    else if (this.#told.delete(name)) this.#report(name, { state: 'ok' });
  }

  #suppress(name: string): void {
    this.#parts.gate?.suppress(name);
    this.#parts.onSuppressed?.(name);
  }

  #isBypassed(name: string): boolean {
    return this.#parts.gate?.isBypassed(name) === true;
  }

  #isFailing(name: string): boolean {
    const code = this.#told.get(name);
    return code !== undefined && code !== BYPASSED;
  }

  #fails(name: string, cause: unknown): void {
    if (this.#closed) return;
    this.#parts.log.error({ input: name, err: cause }, 'panic.input-failed');
    const code = cause instanceof WatchpostError ? cause.code : 'WP2302';
    if (!this.#isFailing(name)) this.#tell(name, { state: 'failed', code });
  }

  #tell(name: string, health: { state: 'degraded' | 'failed'; code: string }): void {
    if (this.#told.get(name) === health.code) return;
    this.#told.set(name, health.code);
    this.#report(name, health);
  }

  #retry(input: ContactInput): void {
    if (this.#closed) return;
    const again = () => {
      this.#retries.delete(input.name);
      void this.#open(input);
    };
    this.#retries.set(input.name, this.#parts.clock.after(RETRY_AFTER_MS, again));
  }

  async #shut(input: ContactInput): Promise<void> {
    try {
      await input.close();
    } catch (cause) {
      this.#parts.log.warn({ input: input.name, err: cause }, 'panic.input-close-failed');
    }
  }

  #report(name: string, health: { state: 'ok' | 'degraded' | 'failed'; code?: string }): void {
    this.#parts.recorder.recordEvent('wp.health.changed.v1', { part: partOf(name), ...health });
  }
}
