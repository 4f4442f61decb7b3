import type { KnownDevice } from '#broker/incidents/ports.ts';
import type { LedgerEvent } from '#broker/persistence/ports.ts';
import type { Clock } from '#contract/clock.ts';
import type { AnswerBody, Measure, QuestionKind, StepPicture } from '#contract/commission/run.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { CommandReply } from '#contract/messages.ts';
import { clientIdOf, type DeviceAddress } from '#contract/names.ts';
import type { Orders, SiteNews } from './ports.ts';

/** What a step has found so far; the desk shows it as it comes. */
export interface Findings {
  measured: Measure[];
  facts: { name: string; value: string }[];
  events: string[];
  pictures: StepPicture[];
}

export type PromptArgs = Readonly<Record<string, string | number>>;

export interface WalkParts {
  readonly address: DeviceAddress;
  readonly account: string;
  readonly clock: Clock;
  readonly news: SiteNews;
  readonly orders: Orders;
  readonly known: () => KnownDevice;
  readonly signal: AbortSignal;
  /** Shows what is to be done or answered. */
  readonly prompt: (shown: {
    readonly key: string;
    readonly args: PromptArgs;
    readonly question: QuestionKind | null;
    readonly limitS: number | null;
  }) => void;
  /** Resolves with what the person says to the question that is shown. */
  readonly answer: () => Promise<AnswerBody>;
  readonly changed: () => void;
}

/** How long a device may take to answer a command. */
const REPLY_LIMIT_S = 60;

/** What the steps have in their hands: the device, the person in front of it, and what the site hears. */
export class Walk {
  readonly found: Findings = { measured: [], facts: [], events: [], pictures: [] };
  readonly #parts: WalkParts;

  constructor(parts: WalkParts) {
    this.#parts = parts;
  }

  get address(): DeviceAddress {
    return this.#parts.address;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  /** As the site knows it now. */
  get device(): KnownDevice {
    return this.#parts.known();
  }

  /** Tells the person what to do. */
  say(key: string, args: PromptArgs = {}, limitS: number | null = null): void {
    this.#parts.prompt({ key, args, question: null, limitS });
  }

  /** Resolves with what the person answers. */
  async ask(key: string, args: PromptArgs = {}, question: QuestionKind = 'yes-no'): Promise<AnswerBody> {
    this.#parts.prompt({ key, args, question, limitS: null });
    const answer = await this.#orStopped(this.#parts.answer());
    this.say('working');
    if (answer.note !== undefined) this.fact('note', answer.note);
    return answer;
  }

  /** Rejects with WP4507 unless the person says yes. */
  async confirm(key: string, args: PromptArgs = {}): Promise<AnswerBody> {
    const answer = await this.ask(key, args);
    if (answer.answer === 'yes') return answer;
    throw new WatchpostError('WP4507', answer.note === undefined ? {} : { detail: answer.note });
  }

  measure(name: string, value: number, unit: string): void {
    this.found.measured.push({ name, value: Math.round(value * 1000) / 1000, unit });
    this.#parts.changed();
  }

  fact(name: string, value: string): void {
    this.found.facts.push({ name, value: value.slice(0, 400) });
    this.#parts.changed();
  }

  /** Rejects with WP4514 when the device refuses, WP4508 when it does not answer, WP34xx when it cannot be asked. */
  async order(name: string, args: Record<string, unknown> = {}): Promise<CommandReply & { result: object }> {
    const { address, account, orders } = this.#parts;
    const { id, reply } = await orders.issue(address, { name, args, expiresInS: REPLY_LIMIT_S }, account);
    const answered = reply ?? (await this.#replyTo(id));
    if (answered.ok) return { ...answered, result: answered.result ?? {} };
    throw new WatchpostError('WP4514', {
      detail: [`${name}: ${answered.code ?? ''}`, answered.message].filter(Boolean).join(' '),
    });
  }

  /** The next event of the device that fits. Rejects with WP4508, or WP4515 where the site took it for real. */
  async event(fits: (event: LedgerEvent) => boolean, limitS: number): Promise<LedgerEvent> {
    const { news, address } = this.#parts;
    const id = clientIdOf(address);
    const event = await this.#within<LedgerEvent>(limitS, (found) =>
      news.on('event', (heard) => {
        if (clientIdOf(heard) === id && fits(heard)) found(heard);
      }),
    );
    this.found.events.push(event.envelope.id);
    this.#parts.changed();
    if (event.lane === 'alarm' && !event.test) {
      throw new WatchpostError('WP4515', { detail: `${event.envelope.type} ${event.envelope.id}` });
    }
    return event;
  }

  /** Resolves as soon as it holds; looked at whenever the site hears of the device. Rejects with WP4508. */
  async until(holds: () => boolean, limitS: number): Promise<void> {
    const { news, address } = this.#parts;
    const id = clientIdOf(address);
    if (holds()) return;
    await this.#within<void>(limitS, (found) => {
      const look = () => {
        if (holds()) found();
      };
      const ends = [
        news.on('device', (heard) => {
          if (clientIdOf(heard) === id) look();
        }),
        news.on('evidence', look),
      ];
      return () => ends.forEach((end) => void end());
    });
  }

  /** Rejects with WP4528 when the step is stopped. */
  async pause(ms: number): Promise<void> {
    const { clock } = this.#parts;
    const over = Promise.withResolvers<void>();
    const cancel = clock.after(ms, over.resolve);
    await this.#orStopped(over.promise).finally(cancel);
  }

  async #replyTo(id: string): Promise<CommandReply> {
    const { news, orders, address } = this.#parts;
    const look = () => orders.get(address, id).reply;
    const already = look();
    if (already !== null) return already;
    return this.#within<CommandReply>(REPLY_LIMIT_S, (found) =>
      news.on('reply', () => {
        const reply = look();
        if (reply !== null) found(reply);
      }),
    );
  }

  /** Rejects with WP4508 after `limitS`, WP4528 when the step is stopped. */
  #within<T>(limitS: number, listen: (found: (value: T) => void) => () => void): Promise<T> {
    const { clock } = this.#parts;
    const outcome = Promise.withResolvers<T>();
    const cancel = clock.after(limitS * 1000, () =>
      outcome.reject(new WatchpostError('WP4508', { detail: `${limitS} s` })),
    );
    const end = listen(outcome.resolve);
    return this.#orStopped(outcome.promise).finally(() => {
      cancel();
      end();
    });
  }

  #orStopped<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#parts;
    const stopped = Promise.withResolvers<never>();
    const stop = () => stopped.reject(new WatchpostError('WP4528'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    return Promise.race([promise, stopped.promise]).finally(() => signal.removeEventListener('abort', stop));
  }
}

/** What a step does. It resolves when it has passed, and rejects with what is wrong. */
export type StepScript = (walk: Walk, subject: string) => Promise<void>;

/** For what is not waited for longer: whether it matters is seen by what comes next. */
export function ifLate(error: unknown): void {
  if (!(error instanceof WatchpostError) || error.code !== 'WP4508') throw error;
}
