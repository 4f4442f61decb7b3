import { secondsIn, wordsIn } from '../words.ts';
import type { Choose } from './kiosk.tsx';

interface CountdownProps {
  readonly language: string | null;
  readonly leftS: number;
  readonly choose: Choose;
}

/** Says that the page is about to begin anew, and keeps it when it is touched. */
export function Countdown({ language, leftS, choose }: CountdownProps) {
  const words = wordsIn(language);
  return (
    <aside class="countdown">
      <p>
        <span role="alert">{words.idle}</span> <strong>{secondsIn(language, leftS)}</strong>
      </p>
      <button type="button" onClick={() => choose({ choose: 'stay' })}>
        {words.stay}
      </button>
    </aside>
  );
}
