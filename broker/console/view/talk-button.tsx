import { useEffect, useRef, useState } from 'preact/hooks';
import { TALK_LENGTH } from '#contract/talk.ts';
import { canRecord, Recorder } from '../talk/recorder.ts';
import { useConsole } from './console-context.ts';

type Stage =
  | { readonly name: 'idle' | 'opening' | 'recording' | 'sending' | 'heard' }
  | { readonly name: 'refused'; readonly detail: string };

/** Speaks through the device: click, say it, send it. */
export function TalkButton({ device }: { readonly device: string }) {
  const { words } = useConsole();
  const { stage, begin, send, discard } = useTalk(device);
  if (!canRecord()) return <p class="quiet">{words.t('talk.insecure')}</p>;
  const detail = stage.name === 'refused' ? stage.detail : '';
  return (
    <div class="talk">
      {stage.name === 'recording' ? (
        <>
          <button type="button" class="talking" onClick={send}>
            {words.t('talk.send')}
          </button>
          <button type="button" onClick={discard}>
            {words.t('talk.discard')}
          </button>
        </>
      ) : (
        <button type="button" disabled={stage.name === 'opening' || stage.name === 'sending'} onClick={begin}>
          {words.t('talk.speak')}
        </button>
      )}
      <p class={`outcome ${stage.name}`} role="status">
        {stage.name === 'idle' ? '' : words.t(`talk.${stage.name}`, { detail, count: TALK_LENGTH.most })}
      </p>
    </div>
  );
}

/** Recording ends by itself when a message can be no longer; the microphone is let go with the view. */
function useTalk(device: string) {
  const { commands, clock } = useConsole();
  const [stage, setStage] = useState<Stage>({ name: 'idle' });
  const recorder = useRef<Recorder | null>(null);
  const refuse = (cause: unknown) =>
    setStage({ name: 'refused', detail: cause instanceof Error ? cause.message : String(cause) });
  const begin = async () => {
    setStage({ name: 'opening' });
    try {
      recorder.current = await Recorder.start();
      setStage({ name: 'recording' });
    } catch (cause) {
      refuse(cause);
    }
  };
  const send = async () => {
    const recording = recorder.current;
    recorder.current = null;
    if (recording === null) return;
    setStage({ name: 'sending' });
    try {
      const outcome = await commands.speak(device, await recording.stop());
      setStage(outcome.state === 'heard' ? { name: 'heard' } : { name: 'refused', detail: outcome.detail });
    } catch (cause) {
      refuse(cause);
    }
  };
  const discard = () => {
    recorder.current?.discard();
    recorder.current = null;
    setStage({ name: 'idle' });
  };
  useEffect(() => {
    if (stage.name !== 'recording') return;
    return clock.after(TALK_LENGTH.most * 1000, () => void send());
  }, [stage.name]);
  useEffect(() => () => recorder.current?.discard(), []);
  return { stage, begin: () => void begin(), send: () => void send(), discard };
}
