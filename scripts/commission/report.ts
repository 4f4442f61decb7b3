import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { isSimulated, type Run, type Step, type StepState } from '#contract/commission/run.ts';
import { type CommissionLanguage, commissionWord, stepName } from '#contract/commission/words.ts';
import { isErrorCode, WatchpostError } from '#contract/errors.ts';
import type { Teller } from './hands.ts';

const MARKS: Record<StepState, string> = {
  open: '○',
  running: '…',
  passed: '✓',
  failed: '✗',
  skipped: '–',
  accepted: '!',
};
const COLOURS = {
  open: 'dim',
  running: 'dim',
  passed: 'green',
  failed: 'red',
  skipped: 'yellow',
  accepted: 'yellow',
} as const;

/** A line a step, on standard output; or a line of JSON. */
export class LineTeller implements Teller {
  readonly #out: Writable;
  readonly #language: CommissionLanguage;
  readonly #form: 'text' | 'json';

  constructor(out: Writable, { language, form }: { language: CommissionLanguage; form: 'text' | 'json' }) {
    this.#out = out;
    this.#language = language;
    this.#form = form;
  }

  begun({ device, testUntil, id, steps }: Run): void {
    if (this.#form === 'json') {
      this.#json({ run: id, device, steps: steps.map((step) => step.id) });
      return;
    }
    const until = testUntil?.slice(11, 16) ?? '?';
    const warning = commissionWord(this.#language, 'warning', 'begin', { device, until: `${until} UTC` });
    this.#line(styleText(['bold', 'red'], `!! ${warning}`, { stream: this.#out }));
  }

  stepBegun(): void {
    return;
  }

  stepEnded(step: Step, { steps }: Run): void {
    if (this.#form === 'json') {
      this.#json({ step: step.id, ...endOf(step) });
      return;
    }
    const at = steps.findIndex(({ id }) => id === step.id) + 1;
    const mark = styleText(COLOURS[step.state], MARKS[step.state], { stream: this.#out });
    const number = `${at}`.padStart(`${steps.length}`.length);
    this.#line(`${mark} ${number}/${steps.length} ${stepName(this.#language, step)}${this.#findings(step)}`);
    const reason = troubleOf(step);
    if (reason !== null) this.#line(`      ${reason}`);
  }

  ended({ device, result, steps }: Run): void {
    if (this.#form === 'json') {
      this.#json({ result, ...(isSimulated(steps) ? { simulated: true } : {}) });
      return;
    }
    const word = commissionWord(this.#language, 'result', result ?? 'not-passed');
    const colour = { passed: 'green', excepted: 'yellow', 'not-passed': 'red' } as const;
    const passed = steps.filter(({ state }) => state === 'passed').length;
    const shown = styleText(['bold', colour[result ?? 'not-passed']], word, { stream: this.#out });
    this.#line(`${shown}: ${passed} of ${steps.length} steps passed`);
    if (isSimulated(steps)) this.#line(`!! ${commissionWord(this.#language, 'result', 'simulated')}`);
    this.#line(`!! ${commissionWord(this.#language, 'warning', 'end', { device })}`);
  }

  #findings({ measured, facts }: Step): string {
    const shown = [
      ...measured.map(
        ({ name, value, unit }) => `${commissionWord(this.#language, 'measure', name)} ${value} ${unit}`,
      ),
      ...facts.filter(({ name }) => name !== 'note').map(({ name, value }) => `${name} ${value}`),
    ];
    return shown.length === 0 ? '' : `: ${shown.slice(0, 6).join(', ')}`;
  }

  #line(text: string): void {
    this.#out.write(`${text}\n`);
  }

  #json(fields: object): void {
    this.#out.write(`${JSON.stringify(fields)}\n`);
  }
}

const endOf = ({ state, measured, code, detail, reason }: Step) => ({
  state,
  measured,
  code,
  detail,
  reason,
});

/** What went wrong, or why it is left so; null where there is nothing to say. */
export function troubleOf({ state, code, detail, reason }: Step): string | null {
  if (reason !== null) return reason;
  if (state === 'passed' || code === null) return null;
  if (!isErrorCode(code)) return `${code} ${detail ?? ''}`;
  const { message, hint } = new WatchpostError(code, detail === null ? {} : { detail });
  return `${message} → ${hint}`;
}
