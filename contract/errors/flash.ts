import type { ErrorEntry } from './entry.ts';

/** Bringing a bundle to a device: see docs/flash.md. */
export const FLASH_ERRORS = {
  WP4301: {
    message: 'There is nothing at the target.',
    hint: 'Put the card in and look under which name it is there (lsblk); then give that name to --to.',
    retryable: true,
  },
  WP4302: {
    message: 'This is no target for a bundle.',
    hint: 'Give the folder of a device (with device.json), a FAT stick or its image, ssh://HOST/DIR, mqtt:DEVICE or board:PORT; a new device is made by scripts/watchpost provision.',
    retryable: false,
  },
  WP4303: {
    message: 'It has to be confirmed, and nobody is there to ask.',
    hint: 'Look at the plan with --dry-run, then give --yes.',
    retryable: false,
  },
  WP4304: {
    message: 'It was not confirmed; nothing was written.',
    hint: 'Run it again when you are ready.',
    retryable: true,
  },
  WP4305: {
    message: 'There is no FAT partition on it.',
    hint: 'Take the card that the device starts from; for a new stick: mkfs.vfat -n WATCHPOST, which erases it.',
    retryable: false,
  },
  WP4306: {
    message: 'There is not enough room.',
    hint: 'Take a larger card, or remove what is not needed; the bundle that is there already stays until the new one is whole.',
    retryable: false,
  },
  WP4307: {
    message: 'It is write-protected.',
    hint: 'Move the lock slider at the side of the card; a worn-out card protects itself, then replace it.',
    retryable: false,
  },
  WP4308: {
    message: 'Somebody else is flashing it.',
    hint: 'Wait until they are done, or ask them; who, and since when, is said above.',
    retryable: true,
  },
  WP4309: {
    message: 'It is in use.',
    hint: 'Unmount it first (umount); or give the folder where it is mounted to --to.',
    retryable: true,
  },
  WP4310: {
    message: 'This machine runs from that disk.',
    hint: 'Look again under which name the card is there: lsblk.',
    retryable: false,
  },
  WP4311: {
    message: 'That disk is not removable.',
    hint: 'Look twice under which name the card is there (lsblk). If it is the right one, type its name again: --force-device NAME.',
    retryable: false,
  },
  WP4312: {
    message: 'The target went away, or fails, in the middle.',
    hint: 'Put it in again and run the same command: what was there before is whole, and it goes on from what is done.',
    retryable: true,
  },
  WP4313: {
    message: 'What is read back is not what was written.',
    hint: 'Try again; if it happens again, replace the card. What was there before stays.',
    retryable: true,
  },
  WP4314: {
    message: 'A program that this needs is missing.',
    hint: 'Install the package named: sudo apt-get install PACKAGE',
    retryable: false,
  },
  WP4315: {
    message: 'You may not write there.',
    hint: 'Run it as root, or as a member of the group that owns it (disk for cards, dialout for boards).',
    retryable: false,
  },
  WP4320: {
    message: 'The device cannot be reached by ssh.',
    hint: 'Try ssh by hand; check its address, its power and the network between.',
    retryable: true,
  },
  WP4321: {
    message: 'The key of the host is not the one that is known, or none is known.',
    hint: 'Compare the fingerprint with the one on the device (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then log in once by hand; nothing is taken on trust here.',
    retryable: false,
  },
  WP4322: {
    message: 'The device does not take your key.',
    hint: 'Put your public key there (ssh-copy-id), or load the right one (ssh-add); passwords are not asked for here.',
    retryable: false,
  },
  WP4323: {
    message: 'No device’s folder is there.',
    hint: 'Give the folder that has device.json: ssh://HOST/var/lib/watchpost/NAME; it is made by scripts/watchpost provision.',
    retryable: false,
  },
  WP4330: {
    message: 'There is no board at the port.',
    hint: 'Plug it in, with a cable that carries data, and look which name it gets: ls /dev/serial/by-id',
    retryable: true,
  },
  WP4331: {
    message: 'The board does not answer.',
    hint: 'Take another cable; press its reset button just before; a board without a bootloader needs a programmer.',
    retryable: true,
  },
  WP4332: {
    message: 'It is another board than the bundle’s.',
    hint: 'Take the board that the profile names, or correct its model in the profile (with: { model: uno }).',
    retryable: false,
  },
  WP4333: {
    message: 'The bundle has no firmware for this board.',
    hint: 'Name one of those it has with --board; or make it with --firmware NAME=FILE.hex.',
    retryable: false,
  },
  WP4334: {
    message: 'Nobody says which model the board is.',
    hint: 'Give --model uno, nano or mega; or say it in the profile (with: { model: uno }).',
    retryable: false,
  },
  WP4340: {
    message: 'The list is not right; nothing was written.',
    hint: 'A row a device, with the columns device, bundle, to; what is wrong in which line is said above.',
    retryable: false,
  },
  WP4341: {
    message: 'Some devices of the list were not flashed.',
    hint: 'Mend what the table says and run the same command: what is done is not done again.',
    retryable: true,
  },
  WP4342: {
    message: 'The notes of what is done cannot be read.',
    hint: 'Take the file away that is named; what is on the devices already is found there, and not written again.',
    retryable: false,
  },
  WP4350: {
    message: 'The site does not know the device.',
    hint: 'Look for its name with scripts/watchpost fleet status; a new device is made by scripts/watchpost provision.',
    retryable: false,
  },
  WP4351: {
    message: 'The device has not confirmed it yet.',
    hint: 'The site goes on by itself, also when the device comes later: see scripts/watchpost fleet status.',
    retryable: true,
  },
  WP4352: {
    message: 'The device did not take it.',
    hint: 'It runs what it ran before; scripts/watchpost fleet rollout show says why.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
