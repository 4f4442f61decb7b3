import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Sensor } from '../../ports/inputs.ts';
import { AT_QUESTIONS } from './at-answer.ts';
import { askLine } from './at-line.ts';
import type { AtConfig } from './config.ts';

/** How a modem is asked for one number. */
export type ModemQuestion = () => Promise<number>;

/** Asks AT commands. Rejects with WP2379 while the modem does not know, which is no number. */
export const atQuestion =
  ({ serial, baudRate, measure }: AtConfig, clock: Clock): ModemQuestion =>
  async () => {
    const { ask, dbm } = AT_QUESTIONS[measure];
    const lines = await askLine({ serial, baudRate, ask, clock });
    const values = lines.map(dbm).filter((value) => value !== null);
    const [value] = values;
    if (value === undefined) throw new WatchpostError('WP2379', { detail: lines.join(' ').slice(0, 100) });
    return value;
  };

/** A number about the cellular link. */
export class ModemSensor implements Sensor {
  readonly name: string;
  readonly unit: string;
  readonly #question: ModemQuestion;
  #open = false;

  constructor({ name, unit, question }: { name: string; unit: string; question: ModemQuestion }) {
    this.name = name;
    this.unit = unit;
    this.#question = question;
  }

  async start(): Promise<void> {
    this.#open = true;
  }

  async read(): Promise<number> {
    if (!this.#open) throw new WatchpostError('WP2304', { detail: `${this.name} is not started` });
    return this.#question();
  }

  async close(): Promise<void> {
    this.#open = false;
  }
}
