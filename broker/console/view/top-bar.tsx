import { LANGUAGES } from '../words/words.ts';
import { useConsole } from './console-context.ts';
import { FleetButton } from './fleet-dialog.tsx';
import { Key } from './key.tsx';

/** Name, connection, sound, language, help. */
export function TopBar() {
  const { state, words, commands, dispatch } = useConsole();
  return (
    <header class="top">
      <h1>Watchpost</h1>
      <ConnectionChip />
      {state.session === 'open' && <ScreenButton />}
      <span class="spring" />
      <SoundButton />
      <LanguageButtons />
      {state.session === 'open' && <FleetButton />}
      <button type="button" aria-keyshortcuts="?" onClick={() => dispatch({ type: 'help-toggled' })}>
        {words.t('help.title')} <Key name="?" />
      </button>
      {state.session === 'open' && (
        <button type="button" onClick={() => commands.closeSession()}>
          {words.t('login.close')}
        </button>
      )}
    </header>
  );
}

function ScreenButton() {
  const { state, words, dispatch } = useConsole();
  const isMap = state.screen === 'map';
  return (
    <button
      type="button"
      aria-keyshortcuts="g"
      aria-pressed={isMap}
      onClick={() => dispatch({ type: 'screen-chosen', screen: isMap ? 'desk' : 'map' })}
    >
      {words.t('map.title')} <Key name="g" />
    </button>
  );
}

function ConnectionChip() {
  const { state, words } = useConsole();
  const { state: connection } = state.connection;
  if (state.session !== 'open') return null;
  return (
    <span class={`connection ${connection}`} role="status">
      {words.t(`connection.${connection}`)}
    </span>
  );
}

function SoundButton() {
  const { state, words, commands } = useConsole();
  if (state.sound === 'on') return <span class="quiet sound">{words.t('sound.on')}</span>;
  return (
    <button type="button" class="warning" onClick={() => commands.unlockSound()}>
      {words.t('sound.locked')}
    </button>
  );
}

function LanguageButtons() {
  const { state, words, commands } = useConsole();
  return (
    <fieldset class="languages" aria-label={words.t('language.title')}>
      {LANGUAGES.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={state.language === language}
          onClick={() => commands.setLanguage(language)}
        >
          {words.t(`language.${language}`)}
        </button>
      ))}
    </fieldset>
  );
}
