import { directionOf, wordsIn } from '../words.ts';
import type { ScreenProps } from './kiosk.tsx';

/** Every language in its own script; one that a button has named is marked. */
export function LanguageList({ view, choose }: ScreenProps) {
  return (
    <ul class="languages">
      {view.languages.map((language) => (
        <li key={language}>
          <button
            type="button"
            lang={language}
            dir={directionOf(language)}
            aria-pressed={language === view.language}
            onClick={() => choose({ choose: 'language', language })}
          >
            {wordsIn(language).name}
          </button>
        </li>
      ))}
    </ul>
  );
}
