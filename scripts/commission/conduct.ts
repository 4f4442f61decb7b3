import type { Run, Step } from '#contract/commission/run.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Hands, Teller } from './hands.ts';
import type { SiteAccess } from './site-access.ts';

export interface ConductParts {
  readonly site: SiteAccess;
  readonly hands: Hands;
  readonly teller: Teller;
  /** The person's name. */
  readonly by: string;
}

/** Goes through what of a run is not done yet, in its order; answers it as it is then. */
export async function conduct(run: Run, parts: ConductParts): Promise<Run> {
  let now = run;
  for (const { id } of run.steps) {
    const step = stepOf(now, id);
    if (step.state === 'open' || step.state === 'failed' || step.state === 'running') {
      now = await one(now, step, parts);
    }
  }
  return now;
}

async function one(run: Run, step: Step, parts: ConductParts): Promise<Run> {
  const { site, hands, teller, by } = parts;
  // Somebody else, on the page or a phone, has begun it: looked on.
  let now = run;
  let choice = step.state === 'running' ? ({ kind: 'go' } as const) : await hands.before(step);
  for (;;) {
    if (choice.kind === 'leave') return now;
    if (choice.kind !== 'go') {
      now = await site.except(run.id, step.id, choice.kind, { by, reason: choice.reason });
      teller.stepEnded(stepOf(now, step.id), now);
      return now;
    }
    if (stepOf(now, step.id).state !== 'running') now = await site.beginStep(run.id, step.id, by);
    teller.stepBegun(stepOf(now, step.id), now);
    now = await follow(now, step.id, parts);
    const ended = stepOf(now, step.id);
    teller.stepEnded(ended, now);
    if (ended.state !== 'failed' && ended.state !== 'open') return now;
    choice = await hands.failed(ended);
  }
}

/** Does what each prompt asks for, until the step has ended. */
async function follow(run: Run, stepId: string, { site, hands, by }: ConductParts): Promise<Run> {
  let now = run;
  let shown = '';
  let acting: AbortController | null = null;
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  try {
    for (;;) {
      const step = stepOf(now, stepId);
      if (step.state !== 'running') return now;
      const { prompt } = step;
      const mark = prompt === null ? '' : `${prompt.key} ${prompt.since}`;
      if (prompt !== null && mark !== shown) {
        shown = mark;
        acting?.abort();
        acting = new AbortController();
        const { signal } = acting;
        void hands
          .act(step, prompt, signal)
          .then(async (said) => {
            if (said !== null && !signal.aborted) await site.answer(now.id, stepId, { ...said, by });
          })
          .catch((error: unknown) => {
            // Somebody else was faster, or the step has ended meanwhile.
            const isLate = error instanceof WatchpostError && error.code === 'WP4506';
            if (!isLate && !signal.aborted) broken.reject(error);
          });
      }
      now = await Promise.race([site.newer(now), broken.promise]);
    }
  } catch (error) {
    await site.stop(run.id).catch(() => undefined); // what matters is why
    throw error;
  } finally {
    acting?.abort();
  }
}

export function stepOf(run: Run, id: string): Step {
  const step = run.steps.find((each) => each.id === id);
  if (step === undefined) throw new WatchpostError('WP4505', { detail: id });
  return step;
}
