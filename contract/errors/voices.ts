import type { ErrorEntry } from './entry.ts';

/** 2540–2559: what is said in which language, and recorded voices. */
export const VOICE_ERRORS = {
  WP2540: {
    message: 'The way to a place cannot be told in a language of the device.',
    hint: 'Give the place a name in that language under guidance.places; where people read other letters than the engine, write {text, speech} (docs/voice.md).',
    retryable: false,
  },
  WP2541: {
    message: 'The voice pack cannot be read.',
    hint: 'Give a folder or a zip of files LANGUAGE/KEY.wav, without links, up to 2000 files of 4 MiB and 256 MiB in all.',
    retryable: false,
  },
  WP2542: {
    message: 'A file of the voice pack is not the clip of any prompt.',
    hint: 'Name it LANGUAGE/KEY.wav, such as en/alarm.sent.wav; watchpost voice audit lists the languages.',
    retryable: false,
  },
  WP2543: {
    message: 'A recorded clip has a format that is not played.',
    hint: 'Save it as WAV, 16-bit PCM, one channel, 16, 22.05, 24, 32, 44.1 or 48 kHz.',
    retryable: false,
  },
  WP2544: {
    message: 'A recorded clip is too short or too long.',
    hint: 'Say the words of the prompt, 0.3 to 30 seconds of them.',
    retryable: false,
  },
  WP2545: {
    message: 'A recorded clip is too quiet, or its peaks are cut off.',
    hint: 'Record it again with the microphone closer or the level lower; loudness itself is evened out.',
    retryable: false,
  },
  WP2546: {
    message: 'The voice pack on the device is damaged; the prompts are synthesised instead.',
    hint: 'Install it again: watchpost voice pack SOURCE --install DIR',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
