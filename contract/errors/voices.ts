import type { ErrorEntry } from './entry.ts';

/** 2540–2559: what is said in which language, and recorded voices. */
export const VOICE_ERRORS = {
  WP2540: {
    message: 'The way to a place cannot be told in a language of the device.',
    hint: 'Give the place a name in that language under guidance.places; where people read other letters than the engine, write {text, speech} (docs/voice.md).',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
