import type { ErrorEntry } from './entry.ts';

/** What goes wrong where a site and its devices get their keys (docs/provisioning.md). */
export const PROVISION_ERRORS = {
  // 44xx site, identity, provision
  WP4401: {
    message: 'There is a site already.',
    hint: 'Choose another folder; a site is made once, and its keys are never overwritten.',
    retryable: false,
  },
  WP4402: {
    message: 'The folder of the site cannot be used.',
    hint: 'Name the folder that `site init` has made, as its owner; a backup of it is whole or none.',
    retryable: false,
  },
  WP4403: {
    message: 'The passphrase is too short.',
    hint: 'Use at least 12 characters, such as four words; it is needed years from now: write it down and lock it away.',
    retryable: false,
  },
  WP4404: {
    message: 'The key cannot be opened.',
    hint: 'The passphrase is wrong, or the file was changed; compare it with its copy.',
    retryable: true,
  },
  WP4405: {
    message: 'The clock of this machine is wrong.',
    hint: 'Set it (timedatectl): what would be issued now would not be valid yet for others, or is before its authority.',
    retryable: false,
  },
  WP4406: {
    message: 'This name has a certificate that is good still.',
    hint: 'Where the device is given a new one, use --replace: the old one is taken back at once.',
    retryable: false,
  },
  WP4407: {
    message: 'The device’s folder cannot be written.',
    hint: 'Look whether the card is in, mounted and writable, has room, and belongs to you: ls -ld, df, mount.',
    retryable: true,
  },
  WP4408: {
    message: 'The request for a certificate cannot be granted.',
    hint: 'It must be PKCS #10 in PEM, signed by its own ECDSA P-256 key, with the CN {site}.{device} that is asked for.',
    retryable: false,
  },
  WP4409: {
    message: 'The site has never issued a certificate in this name.',
    hint: 'See scripts/watchpost identity list --site DIR.',
    retryable: false,
  },
  WP4410: {
    message: 'The site’s authority ends too soon.',
    hint: 'Use fewer --days, and plan a new authority. Where the time is wrong, set the clock of this machine: timedatectl.',
    retryable: false,
  },
  WP4411: {
    message: 'This is no name or address of a host.',
    hint: 'Use a DNS name such as site.example, or an IP address, as devices will call the broker.',
    retryable: false,
  },
  WP4412: {
    message: 'Others may read a key of the site.',
    hint: 'Whoever has read it can make devices. Find out who; then chmod 600 the file.',
    retryable: false,
  },
  WP4413: {
    message: 'The folder has the key of a device already.',
    hint: 'Look whether it is the right card. With --replace it gets a new key; the old one is taken away.',
    retryable: false,
  },
  WP4414: {
    message: 'The broker was not told of the device.',
    hint: 'Its key and certificate are made. Tell the broker with: scripts/watchpost identity register DEVICE --site DIR --place WORDS',
    retryable: true,
  },
  WP4415: {
    message: 'The label cannot be drawn.',
    hint: 'Install a font that has the characters: sudo apt install fonts-wqy-microhei (Chinese, Cyrillic, Latin); then: scripts/watchpost identity register …',
    retryable: false,
  },
  WP4416: {
    message: 'The site has no keys for bundles.',
    hint: 'An earlier version has made it. Give it what it lacks: scripts/watchpost site update --data DIR',
    retryable: false,
  },
  WP4417: {
    message: 'The card is another device’s.',
    hint: 'Its slots and its undelivered alarms are that device’s. Take another card, or empty this one when nothing on it is needed.',
    retryable: false,
  },
  // renewal, on the device
  WP4420: {
    message: 'The identity of this device cannot be exchanged while it runs.',
    hint: 'Give it the folder that `provision` has made (--card, or --identity DIR/identity, which is a link); else provision it again with --replace.',
    retryable: false,
  },
  WP4421: {
    message: 'The device could not make a key.',
    hint: 'See its log; what it has is in force still. Look for room on its disk, and for its TPM: tpm2_getrandom 8',
    retryable: true,
  },
  WP4422: {
    message: 'The certificate does not fit this device.',
    hint: 'What the device has is in force still. Renew it again: scripts/watchpost identity renew DEVICE --site DIR',
    retryable: true,
  },
  WP4423: {
    message: 'The site has refused the new certificate; the one before is in force again.',
    hint: 'Look at the clock of the site, and whether its ca.crt has the authority; then: scripts/watchpost identity renew DEVICE --site DIR',
    retryable: true,
  },
  WP4424: {
    message: 'The TPM does not open the device’s key.',
    hint: 'It was sealed by another TPM, as on a card that was copied or put into another device, or the TPM is off: provision the device again with --replace.',
    retryable: true,
  },
  WP4425: {
    message: 'The device’s key is not open yet.',
    hint: 'The TPM is asked for it at the start. Where this stays, see the code before it in the log (WP4424).',
    retryable: true,
  },
  WP4429: {
    message: 'The site has not taken the new certificate yet; the one before is used for now.',
    hint: 'It is tried once more after twenty seconds, in which the broker reads its authorities anew.',
    retryable: true,
  },
  // renewal, at the site
  WP4426: {
    message: 'The device has not answered.',
    hint: 'Nothing has changed for it. Try again when it is connected: scripts/watchpost identity renew DEVICE --site DIR',
    retryable: true,
  },
  WP4427: {
    message: 'The device has refused to renew its identity.',
    hint: 'Its reason stands in brackets; it goes on with what it has. Otherwise provision it again with --replace.',
    retryable: true,
  },
  WP4428: {
    message: 'Devices are still let in by the authority before.',
    hint: 'Renew theirs first: scripts/watchpost identity renew DEVICE … --site DIR. Where its key was lost to somebody: site retire --lost; they are out then, and are provisioned again.',
    retryable: false,
  },
  WP4432: {
    message: 'This file system cannot keep a key for one alone to read: it is FAT.',
    hint: 'Everybody who holds the stick would have the key. Use the card’s other partition (ext4), or ssh://USER@HOST/DIR, so that the device makes its own; bundles may come on FAT: scripts/watchpost flash.',
    retryable: false,
  },
  // over ssh
  WP4430: {
    message: 'The device is not reached by ssh.',
    hint: 'Try it by hand: ssh USER@HOST true. A host that is not known yet is entered by ssh-keyscan HOST >> ~/.ssh/known_hosts once you have compared its key; keys, not passwords, let in.',
    retryable: true,
  },
  WP4431: {
    message: 'The device has refused.',
    hint: 'What it said stands in brackets. Watchpost must be installed there, as the program that --remote-program names.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
