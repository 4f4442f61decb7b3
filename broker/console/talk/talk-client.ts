import { type Clock, wait } from '#contract/clock.ts';
import { API_ROOT, CommandItem } from '#contract/http.ts';
import { TALK_EXPIRES_S, TALK_LENGTH } from '#contract/talk.ts';
import { type Answer, failed, readAnswer } from '../api/answer.ts';
import type { Fetch } from '../api/client.ts';

/** What became of what the dispatcher said. */
export type TalkOutcome =
  | { readonly state: 'heard' }
  | { readonly state: 'refused'; readonly detail: string };

interface TalkClientParts {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

const LOOK_EVERY_MS = 500;
/** From its arrival at the site: until it must have begun, its length, and some for the way back. */
const LONGEST_MS = (TALK_EXPIRES_S + TALK_LENGTH.most + 15) * 1000;

/** Takes what the dispatcher says to a device, and waits until the device tells what became of it. */
export class TalkClient {
  readonly #parts: TalkClientParts;

  constructor(parts: TalkClientParts) {
    this.#parts = parts;
  }

  /** `wav` as `wavFileOf` makes it. Never rejects. */
  async speak(device: string, wav: Blob): Promise<TalkOutcome> {
    const { clock } = this.#parts;
    const path = `devices/${encodeURIComponent(device)}`;
    const headers = { 'content-type': 'audio/wav' };
    const untilMs = clock.monoMs() + LONGEST_MS;
    let answer = await this.#ask(`${path}/talk`, { method: 'POST', headers, body: wav });
    while (answer.ok && answer.value.reply === null && clock.monoMs() < untilMs) {
      await wait(clock, LOOK_EVERY_MS);
      answer = await this.#ask(`${path}/commands/${answer.value.id}`, { method: 'GET' });
    }
    return outcomeOf(answer);
  }

  async #ask(path: string, init: RequestInit): Promise<Answer<CommandItem>> {
    const abort = new AbortController();
    const cancel = this.#parts.clock.after(LONGEST_MS, () => abort.abort());
    try {
      const response = await this.#parts.fetch(`${API_ROOT}/${path}`, { ...init, signal: abort.signal });
      return await readAnswer(response, CommandItem);
    } catch (error) {
      return failed('unreachable', error instanceof Error ? error.message : null);
    } finally {
      cancel();
    }
  }
}

function outcomeOf(answer: Answer<CommandItem>): TalkOutcome {
  if (!answer.ok) {
    const { code, detail, kind } = answer.trouble;
    return { state: 'refused', detail: [code, detail].filter(Boolean).join(' ') || kind };
  }
  const { reply } = answer.value;
  if (reply?.ok === true) return { state: 'heard' };
  return { state: 'refused', detail: reply?.message ?? reply?.code ?? 'no answer' };
}
