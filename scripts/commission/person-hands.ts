import { confirm, log, select, text } from '@clack/prompts';
import type { Step, StepPrompt } from '#contract/commission/run.ts';
import { type CommissionLanguage, commissionWord, stepName } from '#contract/commission/words.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Choice, Hands, Said } from './hands.ts';
import { troubleOf } from './report.ts';

/** A person at the terminal. Whatever they give up at (Ctrl-C) stops the step; the run stays open. */
export class PersonHands implements Hands {
  readonly #language: CommissionLanguage;

  constructor(language: CommissionLanguage) {
    this.#language = language;
  }

  async before(step: Step): Promise<Choice> {
    const chosen = await select({
      message: stepName(this.#language, step),
      options: [
        { value: 'go', label: this.#ui('begin') },
        { value: 'skip', label: this.#ui('skip') },
        { value: 'leave', label: commissionWord(this.#language, 'state', 'open') },
      ] as const,
    });
    if (chosen === 'skip') return { kind: 'skip', reason: await this.#reason() };
    return { kind: (typeof chosen === 'symbol' ? givenUp() : chosen) === 'leave' ? 'leave' : 'go' };
  }

  async act(
    _step: Step,
    { key, args, question, limitS }: StepPrompt,
    signal: AbortSignal,
  ): Promise<Said | null> {
    const said = commissionWord(this.#language, 'say', key, args);
    if (question === null) {
      if (key === 'working') return null;
      const limit =
        limitS === null ? '' : ` (${commissionWord(this.#language, 'ui', 'limit', { seconds: limitS })})`;
      log.step(`${said}${limit}`);
      return null;
    }
    const active = this.#ui('yes');
    const yes = await confirm({ message: said, active, inactive: this.#ui('no'), signal });
    // Answered elsewhere, on the phone for example.
    if (signal.aborted) return null;
    if (typeof yes === 'symbol') return givenUp();
    const answer = yes ? 'yes' : 'no';
    if (question === 'place' && answer === 'yes') return { answer, ...(await this.#place(signal)) };
    return { answer };
  }

  async failed(step: Step): Promise<Choice> {
    log.error(`${stepName(this.#language, step)}: ${troubleOf(step) ?? ''}`);
    const chosen = await select({
      message: stepName(this.#language, step),
      options: [
        { value: 'go', label: this.#ui('again') },
        ...(step.state === 'failed' ? ([{ value: 'accept', label: this.#ui('accept') }] as const) : []),
        { value: 'skip', label: this.#ui('skip') },
        { value: 'leave', label: commissionWord(this.#language, 'state', step.state) },
      ] as const,
    });
    const kind = typeof chosen === 'symbol' ? givenUp() : chosen;
    return kind === 'accept' || kind === 'skip' ? { kind, reason: await this.#reason() } : { kind };
  }

  async #reason(): Promise<string> {
    const reason = await text({
      message: this.#ui('reason'),
      validate: (value) => ((value ?? '').trim().length < 3 ? '…' : undefined),
    });
    return typeof reason === 'symbol' ? givenUp() : reason.trim();
  }

  /** Empty: the registered coordinates stand. */
  async #place(signal: AbortSignal): Promise<Pick<Said, 'place'>> {
    const typed = await text({
      ...{ message: this.#ui('coordinates'), placeholder: '31.2304, 121.4737', signal },
      validate: (value) =>
        (value ?? '').trim() === '' || readCoordinates(value ?? '') !== null ? undefined : '…',
    });
    if (signal.aborted) return {};
    const place = typeof typed === 'symbol' ? givenUp() : readCoordinates(typed ?? '');
    return place === null ? {} : { place: { ...place, source: 'typed' } };
  }

  #ui(key: string): string {
    return commissionWord(this.#language, 'ui', key);
  }
}

/** `31.2304, 121.4737`; null for anything else. */
export function readCoordinates(typed: string): { latitude: number; longitude: number } | null {
  const [latitude = Number.NaN, longitude = Number.NaN, ...rest] = typed
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
  const isThere = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && rest.length === 0;
  return isThere ? { latitude, longitude } : null;
}

/** Ctrl-C. */
function givenUp(): never {
  throw new WatchpostError('WP4528');
}
