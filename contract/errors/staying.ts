import type { ErrorEntry } from './entry.ts';

/** Staying alive: see docs/staying-alive.md. */
export const STAYING_ERRORS = {
  WP2609: {
    message: 'The service manager cannot be told how this program is.',
    hint: 'Run scripts/watchpost --help once: set-up builds the addon, for which it needs a C compiler.',
    retryable: false,
  },
  WP2610: {
    message: 'A sign of life is missing, and the watchdog is not fed.',
    hint: 'The program is ended and started anew by its service manager; the log names what was missing.',
    retryable: true,
  },
  WP2611: {
    message: 'A press would not be taken.',
    hint: 'The agent is ended and started anew by its service manager; the detail says what did not answer.',
    retryable: true,
  },
  WP2612: {
    message: 'The device is in safe mode: the alarm path alone.',
    hint: 'It ended by itself several times in a row. Look at its log; it leaves safe mode after a while, or by the command restart.',
    retryable: true,
  },
  WP2613: {
    message: 'The device runs by its last good profile.',
    hint: 'The new one cannot be read, or the agent ended with it again and again: scripts/watchpost profile lint says more.',
    retryable: false,
  },
  WP2614: {
    message: 'The device cannot count its starts.',
    hint: 'Make room on the disk, or check the card: without the count it does not know when safe mode is due.',
    retryable: true,
  },
  WP2615: {
    message: 'The agent cannot restart itself.',
    hint: 'Nothing would start it again: run it as a service (scripts/watchpost service install).',
    retryable: false,
  },
  WP2616: {
    message: 'The vision process runs without limits of its own.',
    hint: 'They need control groups version 2 and a service with Delegate=; see docs/staying-alive.md.',
    retryable: false,
  },
  WP2617: {
    message: 'The broker does not answer itself.',
    hint: 'It is ended and started anew by its service manager; the detail says what did not answer.',
    retryable: true,
  },
  // 508x services of a machine
  WP5080: {
    message: 'Only root may make a service of this machine.',
    hint: 'Run it with sudo; with --dry-run it shows what it would write, with --root it writes into an image.',
    retryable: false,
  },
  WP5081: {
    message: 'systemd does not run here.',
    hint: 'Let what starts programs on this machine start scripts/watchpost, and again whenever it ends.',
    retryable: false,
  },
  WP5082: {
    message: 'A service cannot have this folder.',
    hint: 'Data belong under /var/lib, for example /var/lib/watchpost/pillar-001; paths are of letters, digits and ._-/.',
    retryable: false,
  },
  WP5083: {
    message: 'systemd did not take the service.',
    hint: 'The detail is what it said; journalctl -xe says more.',
    retryable: true,
  },
  WP5084: {
    message: 'The service is not installed.',
    hint: 'scripts/watchpost service install makes it one.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
