import type { KioskView } from '#agent/ports/kiosk.ts';
import { directionOf, wordsIn } from '../words.ts';
import { EmergencyCall } from './emergency-call.tsx';

/** The device does not answer, and may not hear its button either: it promises nothing but the number to call. */
export function OfflineScreen({ view }: { readonly view: KioskView | null }) {
  const languages = view === null ? ['zh-CN', 'en'] : [view.language ?? view.languages[0] ?? 'en'];
  const number = view?.emergencyNumber ?? '';
  return (
    <div class="screen offline">
      <main tabIndex={-1}>
        <div role="alert">
          {languages.map((language) => (
            <p key={language} class="answer" lang={language} dir={directionOf(language)}>
              {wordsIn(language).offline.replace('{{number}}', number)}
            </p>
          ))}
        </div>
        {number !== '' && <EmergencyCall language={languages[0] ?? null} number={number} />}
      </main>
    </div>
  );
}
