import type { KioskView } from '#agent/ports/kiosk.ts';
import { wordsIn } from '../words.ts';

/** What a visitor asks for, as short as on a button. */
export function topicTitle({ language, titles, places }: KioskView, topic: string): string {
  const words = wordsIn(language);
  switch (topic) {
    case 'guidance.howto':
      return words.howto;
    case 'guidance.child':
      return words.child;
    case 'guidance.first-aid':
      return words.firstAid;
    default:
      return titles[topic] ?? places.find(({ id }) => topic === `place.${id}`)?.name ?? '';
  }
}
