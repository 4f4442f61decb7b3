import { languageOf } from '../page-state.ts';
import { directionOf, wordsIn } from '../words.ts';
import { EmergencyCall } from './emergency-call.tsx';
import type { ScreenProps } from './kiosk.tsx';
import { LanguageList } from './language-list.tsx';

/** What has become of the alarm, in the visitor's language or in the device's; others can be chosen to read it in. */
export function AlarmScreen({ view, choose }: ScreenProps) {
  const language = languageOf(view);
  return (
    <div class="screen alarm">
      <header>
        <h1>{wordsIn(language).alarm}</h1>
        <EmergencyCall language={language} number={view.emergencyNumber} />
      </header>
      <main tabIndex={-1}>
        <div role="alert">
          {view.alarm?.sayings.map(({ language: tag, text }) => (
            <p key={tag} class="answer" lang={tag} dir={directionOf(tag)}>
              {text}
            </p>
          ))}
        </div>
        <LanguageList view={view} choose={choose} />
      </main>
    </div>
  );
}
