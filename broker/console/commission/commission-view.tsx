import { useState } from 'preact/hooks';
import { isSimulated, type Run } from '#contract/commission/run.ts';
import {
  commissionTitle,
  commissionWord,
  type WordGroup,
  type WordValues,
} from '#contract/commission/words.ts';
import { AlarmBanner } from '../view/alarm-banner.tsx';
import { ConnectionBanner } from '../view/connection-banner.tsx';
import { useConsole } from '../view/console-context.ts';
import { certificateUrl, paperUrl } from './commission-client.ts';
import { StepCard } from './step-card.tsx';
import { type RunFollowed, useRun } from './use-run.ts';

const NAME_KEY = 'watchpost.commission.name';

export type CommissionWords = (group: WordGroup, key: string, values?: WordValues) => string;

/** Accepting one device: the same run on the console, on a phone, and at the terminal. */
export function CommissionView({ device }: { readonly device: string }) {
  const { state, clock } = useConsole();
  const followed = useRun(device, clock);
  const [name, setName] = useState(sessionStorage.getItem(NAME_KEY) ?? '');
  const t: CommissionWords = (group, key, values = {}) => commissionWord(state.language, group, key, values);
  const keepName = (typed: string) => {
    sessionStorage.setItem(NAME_KEY, typed);
    setName(typed);
  };
  const { run, trouble } = followed;
  return (
    <>
      <ConnectionBanner />
      <AlarmBanner />
      <main class="commission">
        <p>
          <button
            type="button"
            onClick={() => {
              location.hash = '';
            }}
          >
            {t('ui', 'back')}
          </button>
        </p>
        <h2>
          {commissionTitle(state.language)}: {device}
        </h2>
        <label class="commission-name">
          {t('ui', 'name')} <span class="quiet">{t('ui', 'nameHint')}</span>
          <input
            value={name}
            maxLength={80}
            autocomplete="name"
            onInput={({ currentTarget }) => keepName(currentTarget.value)}
          />
        </label>
        {trouble !== null && (
          <p class="commission-trouble" role="alert">
            {trouble.code} {trouble.detail}
          </p>
        )}
        {run !== undefined && <RunPart device={device} name={name.trim()} t={t} followed={followed} />}
      </main>
    </>
  );
}

interface RunPartProps {
  readonly device: string;
  readonly name: string;
  readonly t: CommissionWords;
  readonly followed: RunFollowed;
}

function RunPart(props: RunPartProps) {
  const { device, name, t, followed } = props;
  const { run, client, done } = followed;
  if (run === undefined) return null;
  if (run === null || run.state !== 'open') {
    return (
      <>
        {run !== null && run.state === 'finished' && <Ended run={run} t={t} />}
        <button
          type="button"
          class="primary big"
          disabled={name.length < 2}
          onClick={() => void client.start(device, name).then(done)}
        >
          {t('ui', 'start')}
        </button>
      </>
    );
  }
  return <OpenRun {...props} run={run} />;
}

function OpenRun({ device, name, t, followed, run }: RunPartProps & { readonly run: Run }) {
  const { client, done } = followed;
  const [remark, setRemark] = useState('');
  const all = run.steps.length;
  const left = run.steps.filter(({ state }) => state === 'open' || state === 'running').length;
  const isRunning = run.steps.some(({ state }) => state === 'running');
  const end = (how: 'finish' | 'abandon') =>
    void client
      .end(run, how, { by: name, ...(remark.trim() === '' ? {} : { remark: remark.trim() }) })
      .then(done);
  return (
    <>
      <TestBanner device={device} run={run} t={t} />
      <p class="quiet" role="status">
        {t('ui', 'done', { done: all - left, all })}
      </p>
      <ol class="steps-to-do">
        {run.steps.map((step) => (
          <StepCard key={step.id} run={run} step={step} name={name} t={t} followed={followed} />
        ))}
      </ol>
      <label>
        {t('ui', 'remark')}
        <input
          value={remark}
          maxLength={2000}
          onInput={({ currentTarget }) => setRemark(currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <button
          type="button"
          class="primary big"
          disabled={isRunning || name.length < 2}
          onClick={() => end('finish')}
        >
          {t('ui', 'finish')}
        </button>
        <button type="button" disabled={name.length < 2} onClick={() => end('abandon')}>
          {t('ui', 'abandon')}
        </button>
      </div>
    </>
  );
}

/** Nobody comes meanwhile: that stands above everything else. */
function TestBanner({
  device,
  run,
  t,
}: {
  readonly device: string;
  readonly run: Run;
  readonly t: CommissionWords;
}) {
  const { clock, state } = useConsole();
  const untilMs = run.testUntil === null ? 0 : Date.parse(run.testUntil);
  if (untilMs <= clock.wallMs() + state.skewMs) return <p class="quiet">{t('warning', 'lapsed')}</p>;
  const until = new Date(untilMs).toLocaleTimeString(state.language, { hour: '2-digit', minute: '2-digit' });
  return (
    <p class="test-banner" role="alert">
      {t('warning', 'begin', { device, until })}
    </p>
  );
}

function Ended({ run, t }: { readonly run: Run; readonly t: CommissionWords }) {
  const { state } = useConsole();
  const { id, device, result, endedAt, endedBy } = run;
  return (
    <section class={`ended ${result ?? ''}`}>
      <p class="verdict">{t('result', result ?? 'not-passed')}</p>
      {isSimulated(run.steps) && <p>{t('result', 'simulated')}</p>}
      <p>{t('warning', 'end', { device })}</p>
      <p class="quiet">
        {endedAt?.slice(0, 16).replace('T', ' ')} UTC, {endedBy?.name}
      </p>
      <p class="buttons">
        <a href={certificateUrl(id)} download>
          {t('ui', 'certificate')}
        </a>{' '}
        <a href={paperUrl(id, state.language)} download>
          {t('ui', 'pdf')}
        </a>
      </p>
    </section>
  );
}
