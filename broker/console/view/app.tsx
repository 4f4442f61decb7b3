import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Clock } from '#contract/clock.ts';
import { useCommissioned } from '../commission/commission-address.ts';
import { CommissionView } from '../commission/commission-view.tsx';
import { MapView } from '../map/map-view.tsx';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { wordsIn } from '../words/words.ts';
import { AlarmBanner } from './alarm-banner.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { type Commands, ConsoleContext } from './console-context.ts';
import { DeviceList } from './device-list.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { IncidentDetail } from './incident-detail.tsx';
import { IncidentList } from './incident-list.tsx';
import { LoginForm } from './login-form.tsx';
import { TopBar } from './top-bar.tsx';

interface AppProps {
  readonly store: Store<ConsoleState, ConsoleEvent>;
  readonly commands: Commands;
  readonly clock: Clock;
}

/** The whole page for the state as it is now. */
export function App({ store, commands, clock }: AppProps) {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state);
    return store.subscribe(setState);
  }, [store]);
  const commissioned = useCommissioned();
  const words = useMemo(() => wordsIn(state.language), [state.language]);
  const dispatch = (event: ConsoleEvent) => store.dispatch(event);
  return (
    <ConsoleContext.Provider value={{ state, words, clock, commands, dispatch }}>
      <TopBar />
      {state.session === 'needed' && <LoginForm />}
      {state.session === 'open' &&
        (commissioned === null ? (
          <Desk screen={state.screen} pane={state.pane} />
        ) : (
          <CommissionView device={commissioned} />
        ))}
      {state.help && <HelpDialog />}
    </ConsoleContext.Provider>
  );
}

function Desk({ screen, pane }: Pick<ConsoleState, 'screen' | 'pane'>) {
  return (
    <>
      <ConnectionBanner />
      <AlarmBanner />
      {screen === 'map' ? (
        <MapView />
      ) : (
        <main class={`desk pane-${pane}`}>
          <IncidentList />
          <IncidentDetail />
          <DeviceList />
        </main>
      )}
    </>
  );
}
