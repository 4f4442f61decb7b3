import type { PlaceView } from '#agent/ports/kiosk.ts';
import { distanceIn } from '../words.ts';
import { Frame } from './frame.tsx';
import type { ScreenProps } from './kiosk.tsx';
import { topicTitle } from './topic-title.ts';

/** What is being said, to read; for a place also where to go, as a sign shows it. */
export function AnswerScreen({ view, choose }: ScreenProps) {
  const topic = view.answer?.topic ?? '';
  const place = view.places.find(({ id }) => topic === `place.${id}`);
  return (
    <Frame view={view} choose={choose} title={topicTitle(view, topic)}>
      {place !== undefined && <WaySign place={place} language={view.language} />}
      <p class="answer" role="status">
        {view.answer?.text}
      </p>
    </Frame>
  );
}

/** The arrow points in the room and never turns with the script. */
function WaySign({ place, language }: { readonly place: PlaceView; readonly language: string | null }) {
  return (
    <p class="way">
      <svg class={`arrow arrow-${place.direction}`} viewBox="0 0 100 100" aria-hidden="true">
        <path d="M50 6 92 48 78 62 60 44 60 94 40 94 40 44 22 62 8 48Z" />
      </svg>
      {place.distanceM !== undefined && <span>{distanceIn(language, place.distanceM)}</span>}
    </p>
  );
}
