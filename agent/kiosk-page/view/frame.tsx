import type { ComponentChildren } from 'preact';
import { wordsIn } from '../words.ts';
import { EmergencyCall } from './emergency-call.tsx';
import type { ScreenProps } from './kiosk.tsx';

interface FrameProps extends ScreenProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** What every screen in a visitor's language has: title, number, the way back and the way to the beginning. */
export function Frame({ view, choose, title, children }: FrameProps) {
  const words = wordsIn(view.language);
  return (
    <div class="screen">
      <header>
        <h1>{title}</h1>
        <EmergencyCall language={view.language} number={view.emergencyNumber} />
      </header>
      <main tabIndex={-1}>{children}</main>
      <nav>
        <button type="button" class="plain" onClick={() => choose({ choose: 'back' })}>
          <span class="sign sign-back" aria-hidden="true" />
          {words.back}
        </button>
        {view.step === 'answer' && (
          <button type="button" class="plain" onClick={() => choose({ choose: 'again' })}>
            {words.again}
          </button>
        )}
        <button type="button" class="plain" onClick={() => choose({ choose: 'home' })}>
          {words.home}
        </button>
      </nav>
    </div>
  );
}
