import type { ErrorCode } from '#contract/errors.ts';
import type { Stage } from './stage.ts';

/** Words that are put before a program: what makes its surroundings bad. */
export type Surroundings = (stage: Stage) => readonly string[];

/** One way to get it wrong: how it comes about, what is typed then, and what the answer has to be. */
export interface Mistake {
  /** What was done wrong, as whoever did it would say. */
  readonly title: string;
  /** What is typed after `scripts/watchpost`, in the folder that the stage stands in. */
  readonly words: readonly string[];
  /** Makes the mistake, in a copy of a site that is in order. */
  readonly stage?: (stage: Stage) => void | Promise<void>;
  readonly around?: Surroundings;
  /** Standard input; none is at its end at once. */
  readonly input?: string;
  /** What the machine's clock says; default: the time it is. */
  readonly clockMs?: number;
  readonly code: ErrorCode;
  /** 1 failed or refused, 2 wrong use; `running` where a program goes on, and is ended once it has said so. */
  readonly exit: 1 | 2 | 'running';
  /** Of a program that says more than this: its log, what else doctor has looked at. */
  readonly shows?: 'its line';
  /** What is different afterwards, where that is not "nothing". */
  readonly leaves?: string;
}

export interface Topic {
  readonly heading: string;
  readonly mistakes: readonly Mistake[];
}
