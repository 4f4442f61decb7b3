import { greetingLanguages } from '../page-state.ts';
import { directionOf, wordsIn } from '../words.ts';
import { EmergencyCall } from './emergency-call.tsx';
import type { ScreenProps } from './kiosk.tsx';
import { LanguageList } from './language-list.tsx';

/** Nobody has said yet what they read: the title is in the first two languages of the device. */
export function LanguageScreen({ view, choose }: ScreenProps) {
  const titles = view.step === 'language' ? [view.language ?? 'en'] : greetingLanguages(view.languages);
  return (
    <div class="screen">
      <header>
        <h1>
          {titles.map((language) => (
            <span key={language} lang={language} dir={directionOf(language)}>
              {wordsIn(language).choose}
            </span>
          ))}
        </h1>
        <EmergencyCall language={titles[0] ?? null} number={view.emergencyNumber} />
      </header>
      <main tabIndex={-1}>
        <LanguageList view={view} choose={choose} />
      </main>
    </div>
  );
}
