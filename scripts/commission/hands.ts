import type { AnswerBody, Run, Step, StepPrompt } from '#contract/commission/run.ts';

export type Said = Omit<AnswerBody, 'by'>;
export type Choice =
  | { readonly kind: 'go' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'skip' | 'accept'; readonly reason: string };

/** Who works at the device: a person at the terminal, a file of answers, or simulated hardware. */
export interface Hands {
  /** Before a step: go, skip it, or leave it undone. */
  before(step: Step): Promise<Choice>;
  /** Does what the prompt asks for, and answers its question; null: somebody else answers. The signal: it is over. */
  act(step: Step, prompt: StepPrompt, signal: AbortSignal): Promise<Said | null>;
  /** After a failure: again (`go`), skip, accept or leave it. */
  failed(step: Step): Promise<Choice>;
}

/** Shows how the run goes; `run` is as it is then. */
export interface Teller {
  begun(run: Run): void;
  stepBegun(step: Step, run: Run): void;
  stepEnded(step: Step, run: Run): void;
}
