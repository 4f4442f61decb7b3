import type { ErrorEntry } from './entry.ts';

/** What goes wrong with the image for devices: building and checking it. */
export const IMAGE_ERRORS = {
  WP5063: {
    message: 'The image cannot be checked on this machine.',
    hint: 'Install what is named, on Debian by: sudo scripts/test --extended test/scripts/image',
    retryable: false,
  },
  WP5064: {
    message: 'A step of building the image failed.',
    hint: 'The last lines of what it said are shown; the network to the Debian mirror and the npm registry is needed.',
    retryable: true,
  },
  WP5065: {
    message: 'A file that the image needs is neither in a Debian package nor in the base image.',
    hint: 'Name the package that has it in PACKAGES of scripts/image/system-parts.ts.',
    retryable: false,
  },
  WP5066: {
    message: 'A module that the agent imports is not in package-lock.json.',
    hint: 'Run npm install, and commit the lock.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
