import type { ErrorEntry } from './entry.ts';

/** Signed bundles: see docs/bundle.md. */
export const BUNDLE_ERRORS = {
  WP4101: {
    message: 'This is no bundle, or it is cut off or damaged.',
    hint: 'Copy it again from where it was made, or make it again: scripts/watchpost bundle make.',
    retryable: false,
  },
  WP4102: {
    message: 'Too few keys have signed.',
    hint: 'Let others who hold keys sign as well: scripts/watchpost bundle sign FILE --key THEIRS.',
    retryable: false,
  },
  WP4103: {
    message: 'Signed by a key that is not, or no longer, trusted here.',
    hint: 'Sign with a key of the newest root, and give the roots along: scripts/watchpost bundle make --root.',
    retryable: false,
  },
  WP4104: {
    message: 'The chain of roots does not lead from the one trusted here.',
    hint: 'It may be a bundle of another site. Where it is not, give every root from the device’s own to the newest; none may be left out.',
    retryable: false,
  },
  WP4105: {
    message: 'The bundle is for another device.',
    hint: 'Take the one that was made for this device; scripts/watchpost bundle show says whose it is.',
    retryable: false,
  },
  WP4106: {
    message: 'The device has confirmed a newer generation.',
    hint: 'Make the bundle again with a higher --generation; going back to the last confirmed one needs no bundle.',
    retryable: false,
  },
  WP4107: {
    message: 'It has expired.',
    hint: 'Make and sign it again; if the date is right, look at the clock of this machine.',
    retryable: false,
  },
  WP4108: {
    message: 'The bundle is for other versions of the agent.',
    hint: 'Update the agent, or make the bundle for the version the device has: --agent.',
    retryable: false,
  },
  WP4109: {
    message: 'It was changed after it was signed.',
    hint: 'Copy it again from where it was signed; if that one is changed as well, make and sign it again.',
    retryable: false,
  },
  WP4110: {
    message: 'The bundle has more than was signed.',
    hint: 'Copy it again from where it was made, and add nothing to it.',
    retryable: false,
  },
  WP4111: {
    message: 'The bundle is too large.',
    hint: 'It takes 256 MiB of content and 1 MiB of signatures; leave languages out of the voice.',
    retryable: false,
  },
  WP4112: {
    message: 'The bundle has a newer format.',
    hint: 'Update the agent, or make the bundle with the version of the device.',
    retryable: false,
  },
  WP4113: {
    message: 'The signing key cannot be opened.',
    hint: 'Check the file and the passphrase; the passphrase is read from --passphrase-file or WATCHPOST_PASSPHRASE.',
    retryable: false,
  },
  WP4114: {
    message: 'No bundle can be made of this.',
    hint: 'The detail says what is wrong with it; see docs/bundle.md for what goes in.',
    retryable: false,
  },
  WP4115: {
    message: 'A file is in the way.',
    hint: 'Keys, roots and bundles are not written over: choose another name, or take the old one away.',
    retryable: false,
  },
  WP4116: {
    message: 'The root cannot be read.',
    hint: 'Give a root that scripts/watchpost bundle root wrote.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
