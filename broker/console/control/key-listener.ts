import type { IncidentAction } from '#contract/http.ts';
import type { ConsoleEvent } from '../state/events.ts';
import type { ConsoleState, Screen } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { commandOf, type KeyCommand, type KeyPress } from './keyboard.ts';

interface KeyCommands {
  begin(action: IncidentAction): void;
}

/** Turns keys into commands, anywhere on the page. */
export function listenToKeys(
  target: Window,
  store: Store<ConsoleState, ConsoleEvent>,
  commands: KeyCommands,
): void {
  target.addEventListener('keydown', (event) => {
    // The dialog of the help and the login form have their keys for themselves.
    if (store.state.session !== 'open' || (store.state.help && event.key !== '?')) return;
    const command = commandOf(pressOf(event));
    if (command === null || !isFor(store.state.screen, command)) return;
    event.preventDefault();
    obey(command, store, commands);
  });
}

function obey(command: KeyCommand, store: Store<ConsoleState, ConsoleEvent>, commands: KeyCommands): void {
  if (command.kind === 'act') commands.begin(command.action);
  else if (command.kind === 'move') store.dispatch({ type: 'moved', by: command.by });
  else if (command.kind === 'map') dispatchMap(store);
  else store.dispatch({ type: EVENT_OF[command.kind] });
}

/** An incident that is not on show must not be acted on. */
const isFor = (screen: Screen, { kind }: KeyCommand): boolean =>
  screen === 'desk' || kind === 'map' || kind === 'back' || kind === 'help' || kind === 'silence';

function dispatchMap(store: Store<ConsoleState, ConsoleEvent>): void {
  store.dispatch({ type: 'screen-chosen', screen: store.state.screen === 'map' ? 'desk' : 'map' });
}

const EVENT_OF = { open: 'opened', back: 'backed', help: 'help-toggled', silence: 'silenced' } as const;

function pressOf(event: KeyboardEvent): KeyPress {
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  return { key: event.key, modified, on: placeOf(event.target) };
}

function placeOf(target: EventTarget | null): KeyPress['on'] {
  if (!(target instanceof HTMLElement)) return 'page';
  if (target.matches('input, select, textarea')) return 'text';
  return target.matches('button, a[href], summary') ? 'control' : 'page';
}
