import type { ErrorEntry } from './entry.ts';

/** 2700–2719: guidance and its page; 4020–4029: what a profile says of them. */
export const GUIDANCE_ERRORS = {
  WP2700: {
    message: 'The kiosk page cannot be offered: its port is taken or not allowed.',
    hint: 'Name a free port from 1024 on as kiosk.port, or 0 for any; it is tried again every 10 s. Everything else works.',
    retryable: true,
  },
  WP2701: {
    message: 'An answer of the site is not spoken in a language of the device.',
    hint: 'Give it words in that language under guidance.answers; where people read other letters than the engine, write {text, speech} (docs/guidance.md).',
    retryable: false,
  },
  WP2702: {
    message: 'The kiosk page is not built.',
    hint: 'Run scripts/watchpost --help once, which sets up what is missing, or node scripts/commands/build-kiosk.ts.',
    retryable: true,
  },
  WP2703: {
    message: 'The request was not made to the kiosk page by its own address.',
    hint: 'Open the address in the file kiosk.url in the device’s folder; no other name leads here.',
    retryable: false,
  },
  WP2704: {
    message: 'The request comes from another page than the kiosk’s own.',
    hint: 'Only the page that the device serves may ask it for anything.',
    retryable: false,
  },
  WP2705: {
    message: 'The token is missing or wrong.',
    hint: 'Open the address in the file kiosk.url in the device’s folder; it ends in the token.',
    retryable: false,
  },
  WP2706: {
    message: 'There is no such thing on the kiosk page’s server, or not by this method.',
    hint: 'It has GET / and its assets, GET /state and POST /choice.',
    retryable: false,
  },
  WP2707: {
    message: 'The choice cannot be read, is too large, or names what this device does not offer.',
    hint: 'Send one JSON object of at most 1 KiB as application/json, with a language or topic that GET /state lists (docs/guidance.md).',
    retryable: false,
  },
  WP2708: {
    message: 'The choice comes too late or too early.',
    hint: 'Choose a language first, and look at GET /state: the page may have begun anew, or an alarm may stand.',
    retryable: true,
  },
  WP2709: {
    message: 'Too many requests to the kiosk page.',
    hint: 'Wait a second.',
    retryable: true,
  },
  WP4020: {
    message: 'A name is given in a language that nobody knows here.',
    hint: 'Write the tag of a language that the device speaks or that has a catalogue, such as ja or zh-CN.',
    retryable: false,
  },
  WP4021: {
    message: 'A place or answer has no words in a language that visitors can choose.',
    hint: 'Add them, or take the language away.',
    retryable: false,
  },
  WP4022: {
    message: 'The kiosk page has no words in a language of the device.',
    hint: 'Take the language away, or add its words in agent/kiosk-page/locales and its tag in agent/ports/page-languages.ts.',
    retryable: false,
  },
  WP4023: {
    message: 'The buttons of guidance and the inputs of kind guidance do not agree.',
    hint: 'Name under guidance.buttons each input of kind guidance once, and no other.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
