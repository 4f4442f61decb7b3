import { useEffect, useRef, useState } from 'preact/hooks';
import type { AnswerBody, Run, Step } from '#contract/commission/run.ts';
import { stepName } from '#contract/commission/words.ts';
import { useConsole } from '../view/console-context.ts';
import type { CommissionWords } from './commission-view.tsx';
import { StepPictures } from './step-pictures.tsx';
import type { RunFollowed } from './use-run.ts';

interface StepProps {
  readonly run: Run;
  readonly step: Step;
  readonly name: string;
  readonly t: CommissionWords;
  readonly followed: RunFollowed;
}

/** One step: what was found, what is to be done, and what may be done about it. */
export function StepCard(props: StepProps) {
  const { run, step, t } = props;
  const { state } = useConsole();
  const card = useRef<HTMLLIElement>(null);
  const isRunning = step.state === 'running';
  const asked = step.prompt?.key ?? null;
  useEffect(() => {
    if (asked !== null) card.current?.scrollIntoView({ block: 'nearest' });
  }, [asked]);
  return (
    <li ref={card} class={`step-to-do ${step.state}`} data-step={step.id}>
      <p class="step-head">
        <strong>{stepName(state.language, step)}</strong>{' '}
        <span class={`step-state ${step.state}`}>{t('state', step.state)}</span>
      </p>
      <Found step={step} t={t} />
      <StepPictures run={run} step={step} />
      {isRunning ? <Prompt {...props} /> : <Choices {...props} />}
    </li>
  );
}

function Found({ step, t }: Pick<StepProps, 'step' | 't'>) {
  const measured = step.measured.map(({ name, value, unit }) => `${t('measure', name)} ${value} ${unit}`);
  const facts = step.facts.map(({ name, value }) => `${name}: ${value}`);
  const trouble = step.code === null || step.state === 'passed' ? [] : [`${step.code} ${step.detail ?? ''}`];
  const reason = step.reason === null ? [] : [`${step.reason} (${step.by?.name ?? ''})`];
  const found = [...measured, ...facts, ...trouble, ...reason];
  return found.length === 0 ? null : <p class="quiet">{found.join('; ')}</p>;
}

function Prompt({ run, step, name, t, followed: { client, done } }: StepProps) {
  const { prompt } = step;
  if (prompt === null) return null;
  const answer = (body: Omit<AnswerBody, 'by'>) =>
    void client.answer(run, step.id, { ...body, by: name }).then(done);
  return (
    <div class="prompt" role="status">
      <p class="say">{t('say', prompt.key, prompt.args)}</p>
      {prompt.limitS !== null && <p class="quiet">{t('ui', 'limit', { seconds: prompt.limitS })}</p>}
      {prompt.question === 'place' && <PlaceAnswer t={t} name={name} answer={answer} />}
      {prompt.question === 'yes-no' && (
        <div class="buttons">
          <button
            type="button"
            class="primary big"
            disabled={name.length < 2}
            onClick={() => answer({ answer: 'yes' })}
          >
            {t('ui', 'yes')}
          </button>
          <button
            type="button"
            class="big"
            disabled={name.length < 2}
            onClick={() => answer({ answer: 'no' })}
          >
            {t('ui', 'no')}
          </button>
        </div>
      )}
      <button type="button" onClick={() => void client.stop(run).then(done)}>
        {t('ui', 'stop')}
      </button>
    </div>
  );
}

interface PlaceProps {
  readonly t: CommissionWords;
  readonly name: string;
  readonly answer: (body: Omit<AnswerBody, 'by'>) => void;
}

/** The phone's own position where the browser gives it (over https or on this machine), else typed ones, or none. */
function PlaceAnswer({ t, name, answer }: PlaceProps) {
  const [typed, setTyped] = useState('');
  const [here, setHere] = useState<AnswerBody['place']>(undefined);
  const locate = () =>
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) => {
        setTyped(`${latitude.toFixed(6)}, ${longitude.toFixed(6)}`);
        setHere({ latitude, longitude, accuracyM: Math.min(10_000, Math.round(accuracy)), source: 'gnss' });
      },
      () => setHere(undefined),
      { enableHighAccuracy: true, timeout: 30_000 },
    );
  const place = here ?? placeIn(typed);
  const send = (said: 'yes' | 'no') => answer({ answer: said, ...(place === undefined ? {} : { place }) });
  const isWrong = typed.trim() !== '' && place === undefined;
  return (
    <>
      <label>
        {t('ui', 'coordinates')}
        <input
          value={typed}
          inputMode="decimal"
          placeholder="31.2304, 121.4737"
          aria-invalid={isWrong}
          onInput={({ currentTarget }) => {
            setHere(undefined);
            setTyped(currentTarget.value);
          }}
        />
      </label>
      {window.isSecureContext && (
        <button type="button" onClick={locate}>
          {t('ui', 'here')}
        </button>
      )}
      <div class="buttons">
        <button
          type="button"
          class="primary big"
          disabled={isWrong || name.length < 2}
          onClick={() => send('yes')}
        >
          {t('ui', 'yes')}
        </button>
        <button type="button" class="big" disabled={isWrong || name.length < 2} onClick={() => send('no')}>
          {t('ui', 'no')}
        </button>
      </div>
    </>
  );
}

function placeIn(typed: string): AnswerBody['place'] {
  const [latitude = Number.NaN, longitude = Number.NaN, ...rest] = typed
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);
  const isThere = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && rest.length === 0;
  return isThere ? { latitude, longitude, source: 'typed' } : undefined;
}

function Choices({ run, step, name, t, followed: { client, done } }: StepProps) {
  const [asked, setAsked] = useState<'skip' | 'accept' | null>(null);
  const isBusy = run.steps.some(({ state }) => state === 'running');
  const isDone = step.state === 'passed' || step.state === 'accepted' || step.state === 'skipped';
  const noName = name.length < 2;
  return (
    <>
      <div class="buttons">
        <button
          type="button"
          class={isDone ? '' : 'primary'}
          disabled={isBusy || noName}
          onClick={() => void client.begin(run, step.id, name).then(done)}
        >
          {t('ui', step.attempts === 0 ? 'begin' : 'again')}
        </button>
        {step.state === 'failed' && (
          <button type="button" disabled={noName} onClick={() => setAsked('accept')}>
            {t('ui', 'accept')}
          </button>
        )}
        {(step.state === 'open' || step.state === 'failed') && (
          <button type="button" disabled={noName} onClick={() => setAsked('skip')}>
            {t('ui', 'skip')}
          </button>
        )}
      </div>
      {asked !== null && (
        <ReasonForm
          t={t}
          onCancel={() => setAsked(null)}
          onReason={(reason) => {
            setAsked(null);
            void client.except(run, step.id, { how: asked, by: name, reason }).then(done);
          }}
        />
      )}
    </>
  );
}

interface ReasonProps {
  readonly t: CommissionWords;
  readonly onReason: (reason: string) => void;
  readonly onCancel: () => void;
}

function ReasonForm({ t, onReason, onCancel }: ReasonProps) {
  const [reason, setReason] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onReason(reason.trim());
      }}
    >
      <label>
        {t('ui', 'reason')}
        <input
          value={reason}
          maxLength={400}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <button type="submit" class="primary" disabled={reason.trim().length < 3}>
          {t('ui', 'confirm')}
        </button>
        <button type="button" onClick={onCancel}>
          {t('ui', 'cancel')}
        </button>
      </div>
    </form>
  );
}
