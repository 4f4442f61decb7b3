import { wordsIn } from '../words.ts';
import { Frame } from './frame.tsx';
import type { ScreenProps } from './kiosk.tsx';

export function PlacesScreen({ view, choose }: ScreenProps) {
  return (
    <Frame view={view} choose={choose} title={wordsIn(view.language).places}>
      <ul class="topics">
        {view.places.map(({ id, name }) => (
          <li key={id}>
            <button type="button" onClick={() => choose({ choose: 'topic', topic: `place.${id}` })}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </Frame>
  );
}
