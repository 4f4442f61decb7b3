import type { KioskView } from '#agent/ports/kiosk.ts';
import { PAGE_LANGUAGES } from '#agent/ports/page-languages.ts';
import { greetingLanguages } from '../page-state.ts';
import { directionOf, wordsIn } from '../words.ts';
import { EmergencyCall } from './emergency-call.tsx';

interface OfflineProps {
  readonly view: KioskView | null;
  readonly number: string;
}

/** The device does not answer, and may not hear its button either: it promises nothing but the number to call. */
export function OfflineScreen({ view, number }: OfflineProps) {
  const offered = view?.languages ?? PAGE_LANGUAGES;
  const language = view?.language ?? null;
  const languages = language === null ? greetingLanguages(offered) : [language];
  return (
    <div class="screen offline">
      <main tabIndex={-1}>
        <div role="alert">
          {languages.map((tag) => (
            <p key={tag} class="answer" lang={tag} dir={directionOf(tag)}>
              {wordsIn(tag).offline.replace('{{number}}', number)}
            </p>
          ))}
        </div>
        <EmergencyCall language={languages[0] ?? null} number={number} />
      </main>
    </div>
  );
}
