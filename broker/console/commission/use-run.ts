import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Clock } from '#contract/clock.ts';
import type { Run } from '#contract/commission/run.ts';
import type { Answer } from '../api/answer.ts';
import type { Trouble } from '../state/model.ts';
import { CommissionClient } from './commission-client.ts';

const RETRY_MS = 2_000;

export interface RunFollowed {
  readonly client: CommissionClient;
  /** `undefined`: not asked yet. `null`: there was none. */
  readonly run: Run | null | undefined;
  readonly trouble: Trouble | null;
  /** Shows what came of something that was done. */
  readonly done: (answer: Answer<Run>) => void;
}

/** The newest run of a device as it is now, whoever changes it: this page, a phone, or a terminal. */
export function useRun(device: string, clock: Clock): RunFollowed {
  const client = useMemo(() => new CommissionClient(window.fetch.bind(window)), []);
  const [run, setRun] = useState<Run | null | undefined>(undefined);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  /** An answer that was overtaken shows nothing older than what is shown. */
  const show = (newer: Run) =>
    setRun((shown) => (shown?.id === newer.id && shown.rev > newer.rev ? shown : newer));
  useEffect(() => {
    const abort = new AbortController();
    setRun(undefined);
    void follow(client, { device, clock, signal: abort.signal }, (found) => {
      if (found === null) setRun(null);
      else show(found);
    });
    return () => abort.abort();
  }, [client, device, clock]);
  const done = (answer: Answer<Run>) => {
    setTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) show(answer.value);
  };
  return { client, run, trouble, done };
}

interface Following {
  readonly device: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function follow(
  client: CommissionClient,
  { device, clock, signal }: Following,
  tell: (run: Run | null) => void,
): Promise<void> {
  let known: Run | null = null;
  while (!signal.aborted) {
    const answer: Answer<Run | null> =
      known === null || known.state !== 'open'
        ? await client.newest(device)
        : await client.newer(known, signal);
    if (signal.aborted) return;
    if (answer.ok) {
      known = answer.value;
      tell(known);
    }
    if (!answer.ok || known === null || known.state !== 'open') {
      await new Promise<void>((resolve) => void clock.after(RETRY_MS, resolve));
    }
  }
}
