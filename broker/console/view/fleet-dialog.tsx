import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FleetItem, RolloutItem } from '#contract/fleet.ts';
import { type FleetNews, type RolloutStep, stepsOf } from '../control/fleet-desk.ts';
import { useConsole } from './console-context.ts';

const READ_EVERY_MS = 5_000;
/** Which need somebody's look. */
const DRIFTED = new Set(['rejected', 'behind', 'ahead', 'other']);

/** Opens the fleet. */
export function FleetButton() {
  const { words } = useConsole();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {words.t('fleet.title')}
      </button>
      {isOpen && <FleetDialog onClose={() => setOpen(false)} />}
    </>
  );
}

/** What every device runs, and the roll-outs with what can be done about them; read anew while it is open. */
function FleetDialog({ onClose }: { readonly onClose: () => void }) {
  const { state, words, clock, commands } = useConsole();
  const [ringingBefore] = useState(state.ringing);
  const dialog = useRef<HTMLDialogElement>(null);
  const [news, setNews] = useState<FleetNews | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const read = () => void commands.fleet.read().then(setNews);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    read();
    return clock.every(READ_EVERY_MS, read);
  }, [clock]);
  useEffect(() => {
    // Whoever calls for help comes first, whatever was looked at.
    if ([...state.ringing].some((id) => !ringingBefore.has(id))) onClose();
  }, [state.ringing]);
  const move = async (id: number, step: RolloutStep) => {
    setRefusal(await commands.fleet.move(id, step));
    read();
  };
  const trouble = refusal ?? (news?.ok === false ? news.reason : null);
  return (
    <dialog ref={dialog} class="fleet" aria-labelledby="fleet-title" onClose={onClose}>
      <h2 id="fleet-title">{words.t('fleet.title')}</h2>
      {trouble !== null && <p role="alert">{words.t('fleet.trouble', { reason: trouble })}</p>}
      {news?.ok === true && <Rollouts rollouts={news.rollouts} move={move} />}
      {news?.ok === true && <Devices devices={news.devices} />}
      <button type="button" class="primary" onClick={() => dialog.current?.close()}>
        {words.t('fleet.close')}
      </button>
    </dialog>
  );
}

interface RolloutsProps {
  readonly rollouts: readonly RolloutItem[];
  readonly move: (id: number, step: RolloutStep) => Promise<void>;
}

function Rollouts({ rollouts, move }: RolloutsProps) {
  const { words } = useConsole();
  if (rollouts.length === 0) return <p class="empty">{words.t('fleet.no-rollouts')}</p>;
  return (
    <ul class="rollouts">
      {rollouts.map((rollout) => (
        <li key={rollout.id} class={rollout.state}>
          <RolloutFacts rollout={rollout} />
          {stepsOf(rollout).map((step) => (
            <button key={step} type="button" onClick={() => void move(rollout.id, step)}>
              {words.t(`fleet.${step}`)}
            </button>
          ))}
        </li>
      ))}
    </ul>
  );
}

function RolloutFacts({ rollout }: { readonly rollout: RolloutItem }) {
  const { words } = useConsole();
  const { name, state, stage, stages, reason, members } = rollout;
  const done = members.filter((member) => member.state === 'confirmed' || member.state === 'skipped').length;
  const sending = members
    .filter((member) => member.state === 'sending')
    .map(({ device, sentBytes, bytes }) =>
      words.t('fleet.sending', { device, percent: Math.floor((100 * sentBytes) / Math.max(1, bytes)) }),
    );
  const failed = members.flatMap(({ device, state: its, code }) =>
    (its === 'rejected' || its === 'failed') && code !== null
      ? [words.t('fleet.failed', { device, code })]
      : [],
  );
  return (
    <div>
      <strong>{words.t('fleet.rollout', { name, state: words.term('rollout-state', state) })}</strong>{' '}
      <span>{words.t('fleet.stage', { stage: stage + 1, stages, done, all: members.length })}</span>
      {[...(reason === null ? [] : [reason]), ...sending, ...failed].map((fact) => (
        <p key={fact}>{fact}</p>
      ))}
    </div>
  );
}

function Devices({ devices }: { readonly devices: readonly FleetItem[] }) {
  const { words } = useConsole();
  if (devices.length === 0) return <p class="empty">{words.t('fleet.none')}</p>;
  return (
    <table>
      <thead>
        <tr>
          {['device', 'agent', 'runs', 'wanted', 'standing'].map((column) => (
            <th key={column} scope="col">
              {words.t(`fleet.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <DeviceRow key={device.id} device={device} />
        ))}
      </tbody>
    </table>
  );
}

function DeviceRow({ device: { id, agent, running, wanted, drift } }: { readonly device: FleetItem }) {
  const { words } = useConsole();
  const runs =
    running?.state === 'trial'
      ? words.t('fleet.trial', { generation: running.generation })
      : (running?.generation ?? '–');
  return (
    <tr class={DRIFTED.has(drift) ? 'drifted' : ''}>
      <th scope="row">{id}</th>
      <td>{agent ?? '–'}</td>
      <td>{runs}</td>
      <td>{wanted?.generation ?? '–'}</td>
      <td>{words.term('drift', drift)}</td>
    </tr>
  );
}
