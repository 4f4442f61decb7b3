import type { KioskChoice, KioskView } from '#agent/ports/kiosk.ts';
import { type PageState, secondsLeft } from '../page-state.ts';
import { AlarmScreen } from './alarm-screen.tsx';
import { AnswerScreen } from './answer-screen.tsx';
import { Countdown } from './countdown.tsx';
import { LanguageScreen } from './language-screen.tsx';
import { OfflineScreen } from './offline-screen.tsx';
import { PlacesScreen } from './places-screen.tsx';
import { TopicsScreen } from './topics-screen.tsx';

export type Choose = (choice: KioskChoice) => void;

export interface ScreenProps {
  readonly view: KioskView;
  readonly choose: Choose;
}

interface KioskProps {
  readonly state: PageState;
  readonly nowMs: number;
  readonly choose: Choose;
}

/** The whole page for the state as it is now. An alarm comes before all else but the loss of the device. */
export function Kiosk({ state, nowMs, choose }: KioskProps) {
  const { view, line } = state;
  if (line === 'down') return <OfflineScreen view={view} number={state.emergencyNumber} />;
  if (view === null) return null;
  if (view.alarm !== null) return <AlarmScreen view={view} choose={choose} />;
  const leftS = secondsLeft(state, nowMs);
  return (
    <>
      <Screen view={view} choose={choose} />
      {leftS !== null && <Countdown language={view.language} leftS={leftS} choose={choose} />}
    </>
  );
}

function Screen(props: ScreenProps) {
  switch (props.view.step) {
    case 'idle':
    case 'language':
      return <LanguageScreen {...props} />;
    case 'topics':
      return <TopicsScreen {...props} />;
    case 'places':
      return <PlacesScreen {...props} />;
    case 'answer':
      return <AnswerScreen {...props} />;
  }
}
