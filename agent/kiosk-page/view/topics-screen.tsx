import { wordsIn } from '../words.ts';
import { Frame } from './frame.tsx';
import type { ScreenProps } from './kiosk.tsx';
import { topicTitle } from './topic-title.ts';

export function TopicsScreen({ view, choose }: ScreenProps) {
  const words = wordsIn(view.language);
  return (
    <Frame view={view} choose={choose} title={words.what}>
      <p class="press">{words.press}</p>
      <ul class="topics">
        {view.topics.map((topic) => (
          <li key={topic}>
            <button type="button" onClick={() => choose({ choose: 'topic', topic })}>
              {topicTitle(view, topic)}
            </button>
          </li>
        ))}
        {view.places.length > 0 && (
          <li>
            <button type="button" onClick={() => choose({ choose: 'places' })}>
              {words.places}
            </button>
          </li>
        )}
      </ul>
    </Frame>
  );
}
